"""The HTTP server of the service: uvicorn, with what it lacks.

- What it refuses by itself is a problem (RFC 9457) with the usual headers too.
- An answer that is ready as a whole is written at once (see `app/fast.py`).
- Ending drops no request: where a proxy chooses, it is first told to choose others, for a while in which all goes on;
  then the address is given up, so that a successor can have it; then each connection gets the answers to what it asked
  for, the last with `Connection: close`, and is closed when it stays silent.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import socket
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from app.address import leave_to_successor
from app.errors import PROBLEM_TYPE, problem_body
from app.fast import WHOLE
from app.middleware import HEADERS, NEVER_KEPT, POLICY, new_request_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

    from app.settings import Settings

HANG_UP = "mundo.hang_up"
"""Extension of a request: `after(seconds)` ends a connection whose body is refused."""

QUIET_S = 1.0
"""How long a connection may be silent while the server ends: a client's next request is perhaps on its way."""
_HANDSHAKE_S = 0.1
KEEP_ALIVE_S = 30
_BAD_REQUEST = 400


class State(ServerState):
    """What all connections share."""

    ending = False
    _of: list[tuple[bytes, bytes]] | None = None
    _block = b""

    def default_block(self) -> bytes:
        """Return the headers that every answer has (the date), which the server renews each second, as lines."""
        if self._of is not self.default_headers:
            self._of = self.default_headers
            self._block = b"".join([b"%b: %b\r\n" % header for header in self._of])
        return self._block


class Protocol(HttpToolsProtocol):
    """One connection."""

    server_state: State

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Begin; one that was accepted just before the end is served too."""
        super().connection_made(transport)
        self._extensions: dict[str, dict[object, object]] = {
            WHOLE: {"write": self._write_whole},
            HANG_UP: {"after": self._hang_up_after},
        }
        if self.server_state.ending:
            self.shutdown()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if self.server_state.ending and not self.pipeline:
            cycle.keep_alive = False
        self._answering = cycle  # one at a time; those asked for meanwhile wait in the pipeline
        cycle.scope["extensions"] = self._extensions
        super()._start_asgi_task(cycle, app)

    def _write_whole(self, status: int, head: bytes, body: bytes) -> bool:
        """Write an answer at once; False when it has to take the ordinary way.

        `head` holds checked header lines, Content-Length among them where there is a body. What uvicorn's own `send`
        does beside that is done here too.
        """
        cycle = self._answering
        if self.flow.write_paused or cycle.response_started:
            return False
        if cycle.disconnected:
            return True
        close = b"" if cycle.keep_alive else b"connection: close\r\n"
        if cycle.scope["method"] == "HEAD":
            body = b""
        self.transport.write(
            b"%b%b%b%b\r\n%b" % (STATUS_LINE[status], self.server_state.default_block(), head, close, body)
        )
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        cycle.message_event.set()
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()
        return True

    def _hang_up_after(self, seconds: float) -> None:
        """Close the connection in a while, if a body that was refused still comes: nobody reads it."""
        self.loop.call_later(seconds, self._hang_up, self._answering)

    def _hang_up(self, cycle: RequestResponseCycle) -> None:
        if cycle is self.cycle and cycle.more_body and cycle.response_complete:
            self.transport.close()

    def shutdown(self) -> None:
        """Close once everything that was asked for is answered and nothing more comes."""
        if self.cycle is not None and not self.pipeline:
            self.cycle.keep_alive = False
        self.loop.call_later(QUIET_S, self._close_if_quiet)

    def _close_if_quiet(self) -> None:
        if self.transport.is_closing() or (self.cycle is not None and not self.cycle.response_complete):
            return  # an answer under way closes the connection at its end
        # What has arrived but was not read yet (a busy loop runs timers first) counts as asked.
        arrived = select.poll()
        arrived.register(self.transport.get_extra_info("socket").fileno(), select.POLLIN)
        if arrived.poll(0):
            self.loop.call_later(QUIET_S, self._close_if_quiet)
        else:
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP request."""
        if self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete:
            self.transport.close()  # in the middle of an answer, only that tells the client
            return
        request_id = new_request_id()
        path = unquote(getattr(self, "url", b"").partition(b"?")[0].decode("latin-1"), errors="replace")
        body = problem_body(_BAD_REQUEST, msg, path=path, request_id=request_id)
        headers = (
            *self.server_state.default_headers,
            (b"content-type", PROBLEM_TYPE.encode()),
            (b"content-length", b"%d" % len(body)),
            *HEADERS,
            POLICY,
            NEVER_KEPT,
            (b"x-request-id", request_id.encode()),
            (b"connection", b"close"),
        )
        head = b"".join(b"%b: %b\r\n" % header for header in headers)
        self.transport.write(b"%b%b\r\n%b" % (STATUS_LINE[_BAD_REQUEST], head, body))
        self.transport.close()

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: a client that offers another protocol is answered in this one."""


class Server(uvicorn.Server):
    """uvicorn's server, ending without a dropped request."""

    def __init__(
        self, config: uvicorn.Config, *, leave_s: float = 0, leaving: Callable[[], None] | None = None
    ) -> None:
        """Prepare to serve; `leaving` is called `leave_s` seconds before the address is given up."""
        super().__init__(config)
        self.server_state: State = State()
        self._leave_s = leave_s
        self._leaving = leaving
        self._leave_at: float | None = None

    async def on_tick(self, counter: int) -> bool:
        """Say whether the end has come: where it was asked for, only after the time to leave."""
        if not await super().on_tick(counter):
            return False
        if self._leave_at is None:
            self._leave_at = time.monotonic() + self._leave_s
            if self._leaving is not None:
                self._leaving()
        return self.force_exit or time.monotonic() >= self._leave_at

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Give up the address, answer what was asked, close."""
        self.server_state.ending = True
        if sockets:
            for listener in sockets:
                leave_to_successor(listener)
            await asyncio.sleep(_HANDSHAKE_S)  # who was about to be accepted here is
        await self._take_waiting()
        await super().shutdown(sockets)

    async def _take_waiting(self) -> None:
        """Accept whoever the kernel has connected already, and stop listening in the same moment."""
        waiting: list[socket.socket] = []
        for server in self.servers:
            # Kept open by a descriptor of our own, a listener is emptied before it is gone.
            listeners = [socket.socket(fileno=os.dup(listener.fileno())) for listener in server.sockets]
            server.close()
            for listener in listeners:
                with listener, contextlib.suppress(BlockingIOError):
                    listener.settimeout(0)
                    while True:
                        waiting.append(listener.accept()[0])
        loop = asyncio.get_running_loop()
        for accepted in waiting:
            accepted.settimeout(0)
            with contextlib.suppress(OSError):  # gone meanwhile
                await loop.connect_accepted_socket(self._connection, accepted)

    def _connection(self) -> Protocol:
        return Protocol(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)


def make_server(
    app: ASGIApp, settings: Settings, *, port: int | None = None, leaving: Callable[[], None] | None = None
) -> Server:
    """Return the server of an app; `port` 0 takes any free one, None that of the settings.

    `leaving` is called when the end was asked for, `leave_s` of the settings before the address is given up.
    """
    return Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port if port is None else port,
            http=Protocol,
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=settings.shutdown_grace_s,
            timeout_keep_alive=KEEP_ALIVE_S,
            lifespan="on",
        ),
        leave_s=settings.leave_s,
        leaving=leaving,
    )
