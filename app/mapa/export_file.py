"""Downloads as a GeoPackage: written whole into a file of limited size, which is gone once it is sent."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from app.errors import ServiceError
from app.mapa.export import TooMuchError
from app.mapa.view import GEOMETRY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from app.db import Row

WKB_GEOMETRY = f"ST_AsBinary({GEOMETRY})"

_MIB = 1024 * 1024
_PREFIX = "exportacao-"
# Nobody writes a file for so long: it was left behind by a process that ended on the way.
_ABANDONED_S = 3600.0
_WAITING_TO_BE_SENT = 4
_RETRY_AFTER_S = 5
_CHUNK_BYTES = 256 * 1024


class BusyError(ServiceError):
    """As many downloads are under way as there may be."""

    status = 503


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may hold, and how many may be made at once."""

    features: int
    megabytes: int
    at_once: int


class Desk:
    """Makes the files, a few at once: whoever comes when all are busy is told to come again."""

    def __init__(self, folder: Path | None, limits: Limits) -> None:
        """`folder` is for the files while they are written and sent; None is the system's."""
        self.limits = limits
        self._folder = folder
        self._writing = 0
        self._open = 0

    @contextlib.contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place for a file until it is sent; raises BusyError."""
        if self._open >= self.limits.at_once * (1 + _WAITING_TO_BE_SENT):
            raise BusyError("too many files are being sent; try again later", _RETRY_AFTER_S)
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1

    async def write(self, pages: AsyncIterator[list[Row]]) -> BinaryIO:
        """Write the features into a file that has no name any more; whoever closes it removes it.

        Raises BusyError, and TooMuchError when there are too many features or they are too large.
        """
        if self._writing >= self.limits.at_once:
            raise BusyError("as many files as may be made at once are being made; try again later", _RETRY_AFTER_S)
        self._writing += 1
        folder: Path | None = None
        try:
            folder = await asyncio.to_thread(self._begin)
            path = folder / "feicoes.gpkg"
            written = 0
            async for rows in pages:
                written += len(rows)
                if written > self.limits.features:
                    raise TooMuchError(
                        f"more than {self.limits.features} features are asked for: ask for less, or for GeoJSON or CSV"
                    )
                if await asyncio.to_thread(_append, path, rows) > self.limits.megabytes * _MIB:
                    raise TooMuchError(
                        f"the file is larger than {self.limits.megabytes} MiB: ask for less, or for GeoJSON or CSV"
                    )
            if not written:
                await asyncio.to_thread(_append, path, [])
            return await asyncio.to_thread(path.open, "rb")
        finally:
            self._writing -= 1
            if folder is not None:
                await asyncio.shield(asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))

    def _begin(self) -> Path:
        """Return a new folder for a file, once there is room for the largest one."""
        root = self._folder if self._folder is not None else Path(tempfile.gettempdir())
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        for old in root.glob(f"{_PREFIX}*"):
            with contextlib.suppress(OSError):
                if time.time() - old.stat().st_mtime > _ABANDONED_S:
                    shutil.rmtree(old, ignore_errors=True)
        if shutil.disk_usage(root).free < self.limits.megabytes * _MIB:
            raise BusyError("there is no room for the file now; try again later, or ask for GeoJSON or CSV", 60)
        return Path(tempfile.mkdtemp(prefix=_PREFIX, dir=root))


async def chunks(file: BinaryIO) -> AsyncIterator[bytes]:
    """Give the content of a file."""
    while data := await asyncio.to_thread(file.read, _CHUNK_BYTES):
        yield data


def _append(path: Path, rows: Sequence[Row]) -> int:
    # Only who asks for such a file pays for the memory of GDAL.
    from app.mapa.export_geopackage import append  # noqa: PLC0415

    return append(path, rows)
