"""The short way for bounds: plain ASGI, before any framework.

It answers what is usual (`GET` or `HEAD` of an entry's bounds, without a query string) exactly as the route in
`app/api/bounds.py` does, and leaves everything else to it; a test compares both, answer by answer.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from typing import TYPE_CHECKING

from starlette.requests import Request

from app.conditional import matches
from app.errors import ServiceError, problem_of
from app.journal import BOUNDS_ROUTE, SLOW_S
from app.journal import logger as access_logger
from app.middleware import HEADERS, POLICY, REVALIDATE, Envelope, request_id_of
from app.models import MAX_BIGINT
from app.serial import JSON_TYPE

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import ASGIApp, Receive, Scope, Send

    from app.bounds import Answer
    from app.http_metrics import Series
    from app.journal import Journal
    from app.services import Services

# The server's extension that writes a whole answer at once: `write(status, head, body)`, False when it cannot now.
WHOLE = "mundo.whole"
_PATH = re.compile(r"/v1/catalogo/([1-9][0-9]{0,18})/bounds")
_ALWAYS = (*HEADERS, POLICY, REVALIDATE)
_TYPE = (b"content-type", JSON_TYPE.encode())
_STALE = (b"x-cache-stale", b"true")
_OK, _NOT_MODIFIED = 200, 304


def _block(*headers: tuple[bytes, bytes]) -> bytes:
    return b"".join(b"%b: %b\r\n" % header for header in headers)


_ALWAYS_BLOCK = _block(*_ALWAYS)
_TYPE_BLOCK = _block(_TYPE)
_STALE_BLOCK = _block(_STALE)


class FastBounds:
    """Answers bounds before `api` sees them; everything else passes on to it."""

    def __init__(self, api: FastAPI, services: Services, journal: Journal) -> None:
        """`api` answers what is unusual."""
        self.api = api
        self.leave = services.health.leave
        self._bounds = services.bounds
        self._metrics = services.metrics
        self._envelope = Envelope(api, services.metrics, journal)
        self._journal = journal
        self._series: dict[tuple[str, int], Series] = {
            (method, status): services.metrics.http.series(method, BOUNDS_ROUTE, status)
            for method in ("GET", "HEAD")
            for status in (_OK, _NOT_MODIFIED)
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        catalogo_id = _asked(scope)
        if not catalogo_id:
            await self.api(scope, receive, send)
            return
        started = time.perf_counter()
        answer = self._bounds.peek(catalogo_id)
        if answer is None:
            self._metrics.in_progress += 1
            try:
                answer = await self._bounds.get_bounds(catalogo_id)
            except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 -- the envelope knows what to do
                await self._envelope.run(_raising(error), scope, receive, send, started=started, route=BOUNDS_ROUTE)
                return
            finally:
                self._metrics.in_progress -= 1
        status, request_id = await self._answer(scope, send, answer)
        seconds = time.perf_counter() - started
        method = scope["method"]
        self._series[method, status].observe(seconds)
        if seconds >= SLOW_S or access_logger.isEnabledFor(logging.DEBUG):
            self._journal.log(
                method=method,
                path=scope["path"],
                route=BOUNDS_ROUTE,
                status=status,
                seconds=seconds,
                request_id=request_id,
            )

    async def _answer(self, scope: Scope, send: Send, answer: Answer) -> tuple[int, str]:
        """Send the entry, or that the client has it; returns the status and the request's id."""
        request_id = request_id_of(scope)
        entry = answer.entry
        etag = entry.etag
        body = entry.body
        status = _OK
        condition = b",".join([value for name, value in scope["headers"] if name == b"if-none-match"])
        if condition and matches(condition, etag):
            status, body = _NOT_MODIFIED, b""
        extensions = scope.get("extensions")
        if extensions and WHOLE in extensions:
            head = b"x-cache: %b\r\netag: %b\r\nx-request-id: %b\r\n%b" % (
                answer.level.encode(),
                etag,
                request_id.encode(),
                _ALWAYS_BLOCK,
            )
            if status == _OK:
                head += b"content-length: %d\r\n%b" % (len(body), _TYPE_BLOCK)
            if answer.stale:
                head += _STALE_BLOCK
            if extensions[WHOLE]["write"](status, head, body):
                return status, request_id
        headers = [
            (b"x-cache", answer.level.encode()),
            (b"etag", etag),
            (b"x-request-id", request_id.encode()),
            *_ALWAYS,
        ]
        if status == _OK:
            headers += ((b"content-length", b"%d" % len(body)), _TYPE)
        if answer.stale:
            headers.append(_STALE)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        return status, request_id


def _asked(scope: Scope) -> int:
    """Return the id of the entry whose bounds are asked for in the usual way, else 0."""
    if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"} or scope["query_string"]:
        return 0
    found = _PATH.fullmatch(scope["path"])
    if found is None:
        return 0
    number = int(found[1])
    return number if number <= MAX_BIGINT else 0


def _raising(error: BaseException) -> ASGIApp:
    """Return an app that fails as the lookup did."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if not isinstance(error, ServiceError):
            raise error
        await problem_of(Request(scope), error)(scope, receive, send)

    return app
