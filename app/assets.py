"""Static files, compressed once and kept in memory, and how long a browser may keep them."""

from __future__ import annotations

import gzip
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

from app.conditional import COMPRESSED_FROM_BYTES, validator

if TYPE_CHECKING:
    from starlette.types import Scope

VENDOR = "vendor/"
"""Where other people's files lie, in folders named after their version: what is there never changes."""

_FOREVER = "public, max-age=31536000, immutable"
_TEXTS = frozenset({".css", ".js", ".mjs", ".svg", ".txt", ".json"})
# A worker has the policy of its own answer: it loads what it shares with the page, and asks for tiles.
_WORKER_POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class _Asset:
    plain: bytes
    packed: bytes | None
    etag: str


class Assets(StaticFiles):
    """Serves a folder.

    Promises for texts: compressed as well as gzip can, once for each change of the file; a validator that follows from
    the content, so that every process and every release gives the same one for the same file; and for what lies under
    `VENDOR` that no browser asks for it twice.
    """

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with the file, or as the framework does where there is none."""
        found = await super().get_response(path, scope)
        if not isinstance(found, FileResponse) or Path(path).suffix not in _TEXTS or found.stat_result is None:
            return found
        stat = found.stat_result
        asset = await to_thread.run_sync(_load, str(found.path), stat.st_mtime_ns, stat.st_size)
        headers = {"ETag": asset.etag, "Last-Modified": found.headers["last-modified"]}
        if path.startswith(VENDOR):
            headers["Cache-Control"] = _FOREVER
        if path.endswith("-worker.mjs"):
            headers["Content-Security-Policy"] = _WORKER_POLICY
        body = asset.plain
        if asset.packed is not None and "gzip" in Headers(scope=scope).get("accept-encoding", ""):
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
            body = asset.packed
        return Response(body, headers=headers, media_type=_media_type(path))


def _media_type(path: str) -> str:
    # Not every machine's table knows modules, and a browser runs no other type.
    return "text/javascript" if path.endswith((".js", ".mjs")) else mimetypes.guess_type(path)[0] or "text/plain"


@lru_cache(maxsize=512)
def _load(path: str, _changed: int, _size: int) -> _Asset:
    plain = Path(path).read_bytes()
    packed = gzip.compress(plain, compresslevel=9, mtime=0) if len(plain) >= COMPRESSED_FROM_BYTES else None
    return _Asset(plain, packed, validator(plain))
