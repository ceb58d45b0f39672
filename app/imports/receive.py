"""An upload: from the client to the spool in small parts, within limits of size, time and space."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from starlette.requests import ClientDisconnect

from app.errors import ServiceError
from app.imports.spool import MIB, Spool, sync

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

# What is written at once: a disk that stalls holds up a thread, never the requests of others.
_PART = MIB
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


class UploadError(ServiceError):
    """An upload that is refused, with its status."""

    def __init__(self, status: int, detail: str, retry_after: int | None = None) -> None:
        """`detail` is written for the client."""
        super().__init__(detail, retry_after)
        self.status = status


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of a file, seconds of an upload, seconds without a byte, bytes left free on the disk."""

    max_bytes: int
    seconds: float
    silence: float
    min_free: int

    def too_large(self) -> UploadError:
        """Say how large a file may be."""
        return UploadError(413, f"the file is larger than {self.max_bytes // MIB} MiB, the most that is accepted")


@dataclass(frozen=True, slots=True)
class Received:
    """A file in the spool."""

    key: str
    name: str
    size: int
    digest: str


@contextlib.asynccontextmanager
async def received(
    spool: Spool, name: str, parts: AsyncIterator[bytes], limits: Limits, count: Callable[[int], None]
) -> AsyncIterator[Received]:
    """Write an upload to the spool and give it; the file stays only when the block is left without an error.

    The file is on the disk, whole, when it is given, and locked until the block is left. `count` is told the bytes.

    Raises:
        UploadError: 408, 413, 422 (empty), 400 (cut off) or 507.
    """
    with _disk_errors():
        key, file = await asyncio.to_thread(spool.begin, name)
    done = False
    try:
        with _disk_errors():
            upload = _Upload(spool, file, limits, count)
            await upload.take(parts)
            if upload.size == 0:
                raise UploadError(422, "the file is empty (0 bytes)")
            await asyncio.to_thread(sync, file, spool.path(key, name).parent)
        yield Received(key, name, upload.size, upload.digest.hexdigest())
        done = True
    finally:
        if not done:
            await _to_the_end(asyncio.to_thread(spool.remove, key))
        file.close()


class _Upload:
    def __init__(self, spool: Spool, file: BinaryIO, limits: Limits, count: Callable[[int], None]) -> None:
        self._spool = spool
        self._file = file
        self._limits = limits
        self._count = count
        self.digest = hashlib.sha256()
        self.size = 0

    async def take(self, parts: AsyncIterator[bytes]) -> None:
        """Write everything; raises UploadError or OSError."""
        limits = self._limits
        slow = UploadError(408, f"the upload took longer than {limits.seconds:g} s")
        held = bytearray()
        try:
            async with asyncio.timeout(limits.seconds) as total:
                async for part in _impatient(parts, limits.silence):
                    self.size += len(part)
                    self._count(len(part))
                    if self.size > limits.max_bytes:
                        raise limits.too_large()
                    held += part
                    if len(held) >= _PART:
                        await self._written(bytes(held))
                        held.clear()
                await self._written(bytes(held))
        except TimeoutError:
            if total.expired():
                raise slow from None
            raise UploadError(408, f"no byte came within {limits.silence:g} s") from None
        except ClientDisconnect:
            raise UploadError(400, "the upload was cut off") from None

    async def _written(self, data: bytes) -> None:
        # Waited for even when the request is cancelled: nothing may write to a file that is removed and closed.
        await _to_the_end(asyncio.to_thread(self._write, data))

    def _write(self, data: bytes) -> None:
        if self._spool.free_bytes() < self._limits.min_free + len(data):
            raise no_space()
        self.digest.update(data)
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]


async def _to_the_end(work: Awaitable[None]) -> None:
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait((task,))
        raise


async def _impatient(parts: AsyncIterator[bytes], silence: float) -> AsyncIterator[bytes]:
    """Give the parts; TimeoutError when none comes for `silence` seconds."""
    while True:
        try:
            async with asyncio.timeout(silence):
                part = await anext(parts)
        except StopAsyncIteration:
            return
        yield part


def no_space() -> UploadError:
    """Say that the disk is full."""
    return UploadError(507, "there is no space left for uploads; the operator has to make some", 300)


@contextlib.contextmanager
def _disk_errors() -> Iterator[None]:
    """Turn a full or missing disk into an answer."""
    try:
        yield
    except OSError as error:
        if isinstance(error, TimeoutError):
            raise
        if error.errno in _NO_SPACE:
            raise no_space() from error
        raise UploadError(503, "the spool for uploads cannot be written", 60) from error
