"""Which modules a page names before its scripts are read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from app.api import pages
from app.modules import imported, preloading
from tests.unit.folders import lay

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = '<script type="module" src="/static/{}"></script>\n'
LINK = '<link rel="modulepreload" href="/static/{}">\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Modules that import each other in every way that pages use."""
    files = {
        "one/begin.js": (
            'import { a } from "./a.js";\nimport {\n  b,\n} from "../two/b.js";\nconst late = import("./late.js");\n'
        ),
        "one/a.js": 'import { b } from "../two/b.js"; // as \'import c from "./c.js"\' once\n',
        "two/b.js": 'export * from "/static/vendor/lib-1.0.0/lib.mjs";\nexport const a = 1;\n',
        "vendor/lib-1.0.0/lib.mjs": "const text = 'import nothing';\n",
        "one/late.js": 'import { a } from "./a.js";\nimport { d } from "./d.js";\n',
        "one/d.js": "export const d = 1;\n",
    }
    return lay(tmp_path, files)


def test_every_module_is_named_once_and_what_can_wait_is_last(folder: Path) -> None:
    assert imported("/static/one/begin.js", folder) == [
        "/static/one/a.js",
        "/static/two/b.js",
        "/static/vendor/lib-1.0.0/lib.mjs",
        "/static/one/late.js",
        "/static/one/d.js",
    ]


def test_a_page_names_each_before_the_script_that_needs_it(folder: Path) -> None:
    page = f"<head>\n{SCRIPT.format('one/a.js')}{SCRIPT.format('one/begin.js')}</head>\n"
    links = [LINK.format(name) for name in ("two/b.js", "vendor/lib-1.0.0/lib.mjs", "one/late.js", "one/d.js")]
    assert preloading(page, folder) == (
        f"<head>\n{links[0]}{links[1]}{SCRIPT.format('one/a.js')}{links[2]}{links[3]}{SCRIPT.format('one/begin.js')}</head>\n"
    )


def test_an_import_of_nothing_is_an_error(folder: Path) -> None:
    (folder / "one/d.js").write_text('import { e } from "./missing.js";\n')
    with pytest.raises(FileNotFoundError, match=r"missing\.js"):
        imported("/static/one/begin.js", folder)


@pytest.mark.parametrize("file", ["index.html", "status.html"])
def test_what_pages_name_is_what_their_scripts_import(file: str) -> None:
    """Read anew with a plainer eye: every address in quotes behind `from`."""
    static = pages.WEB / "static"
    page = preloading((pages.WEB / file).read_text(), static)
    named = [static / name for name in re.findall(r'(?:modulepreload" href|module" src)="/static/([^"]+)"', page)]
    assert len(named) == len(set(named)) > 1
    own = [path for path in named if "vendor" not in path.parts]
    wanted = {
        (path.parent / name).resolve() for path in own for name in re.findall(r'from "(\.[^"]+)"', path.read_text())
    }
    assert wanted <= {path.resolve() for path in named}
    assert any(path.suffix == ".mjs" for path in named) == (file == "index.html")
