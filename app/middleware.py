"""What every request goes through: its id, its log line and metrics, and the headers of every answer."""

from __future__ import annotations

import logging
import re
import time
import uuid
from typing import TYPE_CHECKING

from starlette.requests import Request

from app.errors import problem
from app.logs import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from app.metrics import Metrics

logger = logging.getLogger("app.access")

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_LOGGED_CHARACTERS = 300
_QUIET = ("/health/", "/metrics")
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
# Answers are data, not pages; the few pages bring a policy of their own.
_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")


class Envelope:
    """The outermost layer: nothing below it is seen by a client without these headers, not even a fault of ours."""

    def __init__(self, app: ASGIApp, metrics: Metrics, mounts: Iterable[str] = ()) -> None:
        """`mounts` are the paths of what has no route template: mounted apps, the API description."""
        self._app = app
        self._metrics = metrics
        self._mounts = tuple(mounts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection; others than HTTP pass untouched."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        method = scope["method"]
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        # GET serves HEAD too; the server leaves out the body.
        inner = dict(scope, method="GET") if method == "HEAD" else scope
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = list(message.get("headers", ()))
                headers.extend(_HEADERS)
                headers.append((b"x-request-id", request_id.encode()))
                if not any(name == _POLICY[0] for name, _ in headers):
                    headers.append(_POLICY)
                message = {**message, "headers": headers}
            await send(message)

        self._metrics.in_progress.inc()
        try:
            await self._app(inner, receive, send_with_headers)
        except Exception:
            logger.exception("unexpected error", extra={"request_id": request_id})
            if status:
                raise  # the answer has begun: only cutting the connection tells the client
            answer = problem(Request(inner), 500, "an unexpected error; the request id leads to it in the logs")
            await answer(inner, receive, send_with_headers)
        finally:
            self._metrics.in_progress.dec()
            self._note(inner, method, status, time.perf_counter() - started, request_id)

    def _note(self, scope: Scope, method: str, status: int, seconds: float, request_id: str) -> None:
        self._metrics.request(method=method, route=self._template(scope), status=status, seconds=seconds)
        path = scope["path"]
        logger.log(
            logging.DEBUG if path.startswith(_QUIET) else logging.INFO,
            "request",
            extra={
                "method": method[:20],
                "path": clean(path)[:_LOGGED_CHARACTERS],
                "status": status,
                "milliseconds": round(seconds * 1000, 2),
                "request_id": request_id,
            },
        )

    def _template(self, scope: Scope) -> str:
        route = getattr(scope.get("route"), "path", None)
        if isinstance(route, str):
            return route
        return next(
            (mount for mount in self._mounts if scope["path"] == mount or scope["path"].startswith(f"{mount}/")),
            "unmatched",
        )


def _request_id(scope: Scope) -> str:
    """Take the caller's id if it is a harmless one, else make one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            return str(value.decode())
    return uuid.uuid4().hex
