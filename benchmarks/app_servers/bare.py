"""The peer that does nothing but answer: an ASGI function with one body, run in the app's own image."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_BODY = Path(__file__).with_name("body.json").read_bytes()
_START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(_BODY))],
}
_END = {"type": "http.response.body", "body": _BODY}


async def app(
    _scope: dict[str, Any], _receive: Callable[[], Awaitable[Any]], send: Callable[[dict[str, Any]], Awaitable[None]]
) -> None:
    """Answers whatever is asked."""
    await send(_START)
    await send(_END)


if __name__ == "__main__":
    # The settings of the app's own server (app/server.py), with uvicorn's own protocol.
    uvicorn.run(
        app,
        host="0.0.0.0",  # noqa: S104  (in a container)
        port=8000,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=30,
        lifespan="off",
    )
