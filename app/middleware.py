"""What every request goes through: its id, its log line and metrics, and the headers of every answer."""

from __future__ import annotations

import asyncio
import logging
import random
import re
import time
from typing import TYPE_CHECKING

from starlette.requests import Request

from app.errors import problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from app.journal import Journal
    from app.metrics import Metrics

logger = logging.getLogger("app.access")

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
# Answers are data, not pages; the few pages bring a policy of their own.
POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
# Clients keep what they got and ask each time whether it still holds (ETag); errors are never kept.
REVALIDATE = (b"cache-control", b"no-cache")
NEVER_KEPT = (b"cache-control", b"no-store")
_KEPT = (200, 304)
_random = random.SystemRandom()
_id_bits = random.Random(_random.getrandbits(128)).getrandbits  # noqa: S311 -- tells requests apart, no secret


class Envelope:
    """The outermost layer: nothing below it is seen by a client without these headers, not even a fault of ours."""

    def __init__(self, app: ASGIApp, metrics: Metrics, journal: Journal, mounts: Iterable[str] = ()) -> None:
        """`mounts` are the paths of what has no route template: mounted apps, the API description."""
        self._app = app
        self._metrics = metrics
        self._journal = journal
        self._mounts = tuple(mounts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection; others than HTTP pass untouched."""
        if scope["type"] == "http":
            await self.run(self._app, scope, receive, send, started=time.perf_counter())
        else:
            await self._app(scope, receive, send)

    async def run(
        self, app: ASGIApp, scope: Scope, receive: Receive, send: Send, *, started: float, route: str | None = None
    ) -> None:
        """Let `app` answer one request that came at `started` (of `time.perf_counter`).

        `route` names its template where no router found it.
        """
        method = scope["method"]
        request_id = request_id_of(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        # GET serves HEAD too; the server leaves out the body.
        inner = dict(scope, method="GET") if method == "HEAD" else scope
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = list(message.get("headers", ()))
                headers.extend(HEADERS)
                headers.append((b"x-request-id", request_id.encode()))
                names = {name for name, _ in headers}
                if POLICY[0] not in names:
                    headers.append(POLICY)
                if REVALIDATE[0] not in names:
                    headers.append(REVALIDATE if status in _KEPT else NEVER_KEPT)
                message = {**message, "headers": headers}
            await send(message)

        self._metrics.in_progress += 1
        try:
            await app(inner, receive, send_with_headers)
        except asyncio.CancelledError:
            if not status:  # the service ends and can wait no longer
                answer = problem(Request(inner), 503, "the service is ending; try again", headers={"Retry-After": "1"})
                await answer(inner, receive, send_with_headers)
            raise
        except Exception:
            logger.exception("unexpected error", extra={"request_id": request_id})
            if status:
                raise  # the answer has begun: only cutting the connection tells the client
            answer = problem(Request(inner), 500, "an unexpected error; the request id leads to it in the logs")
            await answer(inner, receive, send_with_headers)
        finally:
            self._metrics.in_progress -= 1
            self._journal.note(
                method=method,
                path=scope["path"],
                route=route or self._template(inner),
                status=status,
                seconds=time.perf_counter() - started,
                request_id=request_id,
            )

    def _template(self, scope: Scope) -> str:
        route = getattr(scope.get("route"), "path", None)
        if isinstance(route, str):
            return route
        return next(
            (mount for mount in self._mounts if scope["path"] == mount or scope["path"].startswith(f"{mount}/")),
            "unmatched",
        )


def request_id_of(scope: Scope) -> str:
    """Take the caller's id if it is a harmless one, else make one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            return str(value.decode())
    return new_request_id()


def new_request_id() -> str:
    """Make an id that no other request has."""
    return f"{_id_bits(128):032x}"
