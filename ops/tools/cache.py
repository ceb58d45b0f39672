"""The folder where tools that were installed or built are kept, safe against two runs at once and against kills."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ops.tools import ToolError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


def toolchain_folder() -> Path:
    """Where toolchains are kept: `$XDG_CACHE_HOME/mundo/toolchain`, else below `~/.cache`; not made by this call."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "mundo" / "toolchain"


def digest(*parts: str, files: Iterable[Path] = ()) -> str:
    """Sixteen hex digits that change whenever a part, a file's name or a file's content does."""
    total = hashlib.sha256()
    for part in parts:
        total.update(part.encode() + b"\0")
    for file in files:
        total.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()[:16]


@contextmanager
def locked(progress: Callable[[str], None]) -> Iterator[Path]:
    """Hold the toolchain folder for this process alone, waiting for another run's end; gives the folder.

    Raises:
        ToolError: the folder cannot be written.
    """
    folder = toolchain_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("w")
    except OSError as error:
        raise ToolError(f"the tools' folder {folder} cannot be written: {error.strerror}") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("waiting for another run that is preparing the tools")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Fill a temporary folder that becomes `target` in one step, and only if nothing was raised; hold the lock."""
    for left in target.parent.glob(f".{target.name}.*"):  # of runs that were killed: the lock's holder is alone here
        shutil.rmtree(left, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        draft.chmod(0o755)
        yield draft
        shutil.rmtree(target, ignore_errors=True)
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
