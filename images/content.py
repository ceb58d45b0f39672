"""Content tags: an image is named after what it is built from, so it is rebuilt only when that changes."""

from __future__ import annotations

import hashlib
import re
import shlex
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""Repository root, which is every image's build context."""

_DIGEST_LENGTH = 12


class ImageError(RuntimeError):
    """An image cannot be made; the text is one line for the operator."""


def dockerfile(name: str) -> Path:
    """Path of the Dockerfile of image `name`, relative to the repository root.

    Raises:
        ImageError: there is no such image.
    """
    path = Path("images") / name / "Dockerfile"
    if not (ROOT / path).is_file():
        raise ImageError(f"no image named '{name}': {path} does not exist")
    return path


def inputs(name: str) -> list[Path]:
    """Files that image `name` is built from, sorted, relative to the root: its Dockerfile and whatever that copies."""
    recipe = dockerfile(name)
    found = {recipe}
    for source in _copied(ROOT / recipe):
        path = ROOT / source
        if not path.exists():
            raise ImageError(f"{recipe}: COPY {source}: no such file")
        files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
        found.update(file.relative_to(ROOT) for file in files if not _ignored(file))
    return sorted(found)


def digest(*parts: bytes) -> str:
    """Short hexadecimal digest of the parts, in their order."""
    state = hashlib.sha256()
    for part in parts:
        state.update(len(part).to_bytes(8, "big"))
        state.update(part)
    return state.hexdigest()[:_DIGEST_LENGTH]


def tag(name: str, base: str) -> str:
    """`mundo/NAME:DIGEST` of image `name` on top of the base image `base`."""
    parts = [base.encode()]
    for path in inputs(name):
        file = ROOT / path
        parts += [str(path).encode(), b"x" if file.stat().st_mode & 0o100 else b"-", file.read_bytes()]
    return f"mundo/{name}:{digest(*parts)}"


def _ignored(file: Path) -> bool:
    return "__pycache__" in file.parts or file.suffix == ".pyc"


def _copied(recipe: Path) -> list[str]:
    """Sources of the COPY instructions that take from the build context."""
    sources: list[str] = []
    # A comment ends no instruction that goes on over several lines.
    lines = [line for line in recipe.read_text().splitlines() if not line.lstrip().startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if not re.match(r"(?i)\s*COPY\s", line):
            continue
        words = shlex.split(line)
        flags = [word for word in words[1:] if word.startswith("--")]
        if not any(flag.startswith("--from=") for flag in flags):
            sources += [word for word in words[1:-1] if not word.startswith("--")]
    return sources
