"""MkDocs' hook: what the pages lead to outside `docs` becomes part of the site, so that no link needs the network.

Pages link to tests, migrations and code as they lie in the checkout. On the site each such file is a page of its own:
Markdown as it is, everything else as a block of code, a folder as a list. What is linked and not there stays as it is,
and the strict build fails on it.
"""

from __future__ import annotations

import os
import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

MODULES_VARIABLE: Final = "MUNDO_DOCS_MODULES"
"""Environment variable: the folder of pdoc's pages, where they were made."""

MODULES: Final = "modules"
SOURCES: Final = "source"
_LINK: Final = re.compile(r"(?<=\]\()(?!https?:|mailto:|#)([^)\s#]+)(#[^)\s]*)?(?=\))")
# A commit is a page of the forge alone; the site names it.
_COMMIT: Final = re.compile(r"\[([0-9a-f]+)\]\((?:\.\./)+commit/[0-9a-f]{40}\)")
_LANGUAGES: Final = {".py": "python", ".sql": "sql", ".sh": "sh", ".yaml": "yaml", ".yml": "yaml", ".json": "json"}
_TOP: Final = (("Start", ("index.md", "index.pt-BR.md")),)
_SECTIONS: Final = (
    ("Guides", "guides"),
    ("Reference", "reference"),
    ("Runbooks", "runbooks"),
    ("Decisions", "decisions"),
    ("Measurements", "benchmarks"),
    ("Drills", "drills"),
)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Order the navigation by folders: a new page has its place in it by itself."""
    docs = Path(config.docs_dir)
    nav: list[dict[str, list[str]]] = [{heading: list(pages)} for heading, pages in _TOP]
    taken = {page for _, pages in _TOP for page in pages}
    for heading, folder in _SECTIONS:
        pages = [path.relative_to(docs).as_posix() for path in sorted((docs / folder).glob("*.md"))]
        if heading == "Reference":
            pages += sorted(path.name for path in docs.glob("*.md") if path.name not in taken)
        if pages:
            nav.append({heading: pages})
    config.nav = nav
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what the pages lead to, and pdoc's pages."""
    root = Path(config.config_file_path).parent
    waiting = [(file.src_uri, file.content_string) for file in files.documentation_pages()]
    done: set[str] = set()
    while waiting:
        uri, text = waiting.pop()
        for path in _outside(uri, text, root):
            if path not in done:
                done.add(path)
                made = File.generated(config, _page_of(path), content=_shown(root, path))
                files.append(made)
                if path.endswith(".md"):
                    waiting.append((f"../{path}", made.content_string))
    modules = os.environ.get(MODULES_VARIABLE, "")
    for made_page in sorted(Path(modules).rglob("*")) if modules else ():
        if made_page.is_file():
            uri = f"{MODULES}/{made_page.relative_to(modules).as_posix()}"
            files.append(File.generated(config, uri, abs_src_path=str(made_page)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, **_: Any) -> str:
    """Lead links out of `docs` to the pages that stand for them here."""
    root = Path(config.config_file_path).parent
    uri = page.file.src_uri
    if uri == "code.md" and os.environ.get(MODULES_VARIABLE):
        markdown += f"\n[Every module in full]({MODULES}/index.html)\n"
    # A page of the checkout's own, such as README.md, is read where it lies, and shown elsewhere.
    origin = uri.removeprefix(f"{SOURCES}/") if uri.startswith(f"{SOURCES}/") else f"docs/{uri}"

    def led(link: re.Match[str]) -> str:
        path = _resolved(origin, link[1])
        if path is None or not (root / path).exists():
            return link[0]
        own = path.startswith("docs/") and (root / path).is_file()
        wanted = path.removeprefix("docs/") if own else _page_of(path)
        return posixpath.relpath(wanted, posixpath.dirname(uri) or ".") + (link[2] or "")

    if _is_view(root, origin):
        # Whoever searches wants what is said, not every line that has the word.
        page.meta["search"] = {"exclude": True}
        return markdown
    return _LINK.sub(led, _COMMIT.sub(r"`\1`", markdown))


def _outside(uri: str, text: str, root: Path) -> Iterator[str]:
    """Paths, from the checkout's root, of what a page leads to outside `docs`, and of folders in it."""
    origin = posixpath.normpath(f"docs/{uri}")
    if _is_view(root, origin):
        return
    for link in _LINK.finditer(text):
        path = _resolved(origin, link[1])
        if path is not None and (root / path).exists() and not (path.startswith("docs/") and (root / path).is_file()):
            yield path


def _resolved(origin: str, link: str) -> str | None:
    """Path of a link from the checkout's root; None where it leads out of it."""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(origin), link))
    return None if path.startswith(("..", "/")) else path


def _page_of(path: str) -> str:
    return f"{SOURCES}/{path}" if path.endswith(".md") else f"{SOURCES}/{path}.md"


def _is_view(root: Path, origin: str) -> bool:
    """Whether a page only shows a file or a folder, and is none itself: what looks like a link there is none."""
    return not (root / origin).is_file()


def _shown(root: Path, path: str) -> str:
    there = root / path
    if there.is_dir():
        names = sorted(child.name for child in there.iterdir() if not child.name.startswith((".", "__pycache__")))
        return f"# {path}\n\n" + "".join(f"- `{name}`\n" for name in names)
    text = there.read_text(encoding="utf-8")
    if path.endswith(".md"):
        return text
    return f"# {there.name}\n\n`{path}`\n\n````{_LANGUAGES.get(there.suffix, '')}\n{text.rstrip()}\n````\n"
