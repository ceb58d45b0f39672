"""Conditional requests (RFC 9110): a validator on every answer to GET, and 304 when the client has it already."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import xxhash

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Answers from this size on may be sent compressed, so their validator has to be a weak one: the same for both codings.
COMPRESSED_FROM_BYTES = 2048
_TAG = re.compile(rb'(?:W/)?("[^"]*")')
_CONDITIONS = (b"if-none-match", b"if-modified-since")
# What a 304 says of the answer that it stands for; lengths and types belong to a body.
_OF_THE_BODY = frozenset({b"content-length", b"content-type", b"content-encoding", b"accept-ranges", b"last-modified"})
_OK = 200


def digest(body: bytes) -> str:
    """Return what a validator is made of: the same text for the same bytes, fast, and of no use for a secret."""
    return xxhash.xxh3_128_hexdigest(body)


def validator(body: bytes) -> str:
    """Return the ETag of an answer from its bytes: a weak one where it may be sent compressed."""
    return f'{"W/" if len(body) >= COMPRESSED_FROM_BYTES else ""}"{digest(body)}"'


def matches(if_none_match: bytes, etag: bytes) -> bool:
    """Say whether a condition names the validator; weak and strong ones are the same to If-None-Match."""
    return if_none_match.strip() == b"*" or etag.removeprefix(b"W/") in _TAG.findall(if_none_match)


class Conditional:
    """Gives an answer that has none an ETag from its body, and answers 304 without one where If-None-Match holds.

    Only whole answers get one: a stream is sent on as it comes.
    """

    def __init__(self, app: ASGIApp) -> None:
        """`app` answers without looking at conditions."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle GET; everything else passes untouched."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        condition = b",".join(value for name, value in scope["headers"] if name == b"if-none-match")
        if condition:
            # In place: whoever is outside finds the route in this very scope.
            scope["headers"] = [(name, value) for name, value in scope["headers"] if name not in _CONDITIONS]
        await self._app(scope, receive, _Answer(condition, send))


class _Answer:
    def __init__(self, condition: bytes, send: Send) -> None:
        self._condition = condition
        self._send = send
        self._start: Message | None = None
        self._done = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = dict(message["headers"])
            if message["status"] != _OK or headers.get(b"cache-control") == b"no-store":
                await self._send(message)
            elif (etag := headers.get(b"etag")) is not None:
                await self._begin(message, etag, int(headers.get(b"content-length", 0)))
            else:
                self._start = message
        elif not self._done:
            if self._start is not None:
                await self._begin_by_body(self._start, message)
            if not self._done:
                await self._send(message)

    async def _begin_by_body(self, start: Message, message: Message) -> None:
        """Send the answer's start, now that it is known whether its body is whole."""
        self._start = None
        if message.get("more_body", False):
            await self._send(start)
            return
        body = message.get("body", b"")
        await self._begin(start, validator(body).encode(), len(body))

    async def _begin(self, start: Message, etag: bytes, size: int) -> None:
        compressible = size >= COMPRESSED_FROM_BYTES
        if compressible:
            etag = b"W/" + etag.removeprefix(b"W/")
        headers = [item for item in start["headers"] if item[0] != b"etag"]
        headers.append((b"etag", etag))
        if not self._condition or not matches(self._condition, etag):
            await self._send({**start, "headers": headers})
            return
        self._done = True
        headers = [item for item in headers if item[0] not in _OF_THE_BODY]
        if compressible and all(name != b"vary" for name, _ in headers):
            headers.append((b"vary", b"Accept-Encoding"))
        await self._send({"type": "http.response.start", "status": 304, "headers": headers})
        await self._send({"type": "http.response.body", "body": b""})
