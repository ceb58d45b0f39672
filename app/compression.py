"""Answers compressed for clients that take that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.middleware.gzip import GZipMiddleware

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send


class Compression(GZipMiddleware):
    """Starlette's middleware, but `gzip;q=0` is no wish for gzip (RFC 9110), and `GZIP` is one."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Show the middleware either a plain wish for gzip or none."""
        if scope["type"] == "http":
            wishes = [value for name, value in scope["headers"] if name == b"accept-encoding"]
            if wishes:
                # In place: whoever is outside finds the route in this very scope.
                others = [item for item in scope["headers"] if item[0] != b"accept-encoding"]
                allowed = [(b"accept-encoding", b"gzip")] if _allows_gzip(b",".join(wishes)) else []
                scope["headers"] = others + allowed
        await super().__call__(scope, receive, send)


def _allows_gzip(accept_encoding: bytes) -> bool:
    for wish in accept_encoding.lower().split(b","):
        coding, _, rest = wish.partition(b";")
        if coding.strip() == b"gzip":
            name, _, weight = rest.partition(b"=")
            return name.strip() != b"q" or weight.strip(b" 0.") != b""
    return False
