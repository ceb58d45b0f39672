"""The spool: a folder a file, named at random, until its job has ended.

Who writes a file holds a lock on it until its job stands in the table. A lock goes with its process, whatever ends it:
what is unlocked and has no open job is nobody's, and is removed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import secrets
import shutil
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MIB = 1024 * 1024
_KEY = re.compile(r"[0-9a-f]{32}")
_UNPACKED = "unpacked"


class Spool:
    """The folders under one root, which belongs to the service alone."""

    def __init__(self, root: Path) -> None:
        """`root` is made when first needed."""
        self.root = root

    def path(self, key: str, name: str) -> Path:
        """Where the file of a job lies."""
        return self.root / key / name

    def begin(self, name: str) -> tuple[str, BinaryIO]:
        """Make an empty, locked file; gives its key and the file. Raises OSError."""
        key = secrets.token_hex(16)
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.root / key).mkdir(mode=0o700)
        file = self.path(key, name).open("xb", buffering=0)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return key, file

    def remove(self, key: str) -> None:
        """Remove a folder with its file; one that is gone already is fine."""
        shutil.rmtree(self.root / key, ignore_errors=True)

    def free_bytes(self) -> int:
        """Space left for files. Raises OSError."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        return shutil.disk_usage(self.root).free

    def unpacking(self) -> Path:
        """Return an empty folder for what a job unpacks; only one process may use it. Raises OSError."""
        folder = self.root / _UNPACKED
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        return folder

    def remove_orphans(self, is_open: Callable[[str], bool]) -> int:
        """Remove what no upload writes and no job needs; gives the number of folders. Raises OSError.

        `is_open(key)` says whether a job that waits or runs has that folder; it is asked after the lock is had.
        """
        if not self.root.is_dir():
            return 0
        removed = 0
        for folder in self.root.iterdir():
            if not _KEY.fullmatch(folder.name):
                continue
            with contextlib.ExitStack() as locks:
                if _all_unlocked(folder, locks) and not is_open(folder.name):
                    self.remove(folder.name)
                    removed += 1
        return removed


def _all_unlocked(folder: Path, locks: contextlib.ExitStack) -> bool:
    try:
        for item in folder.iterdir():
            file = locks.enter_context(item.open("rb"))
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def sync(file: BinaryIO, folder: Path) -> None:
    """Have a file and its name on the disk. Raises OSError."""
    os.fsync(file.fileno())
    for directory in (folder, folder.parent):
        handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
