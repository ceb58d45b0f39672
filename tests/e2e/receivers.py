"""Who is told of alerts in a test: a webhook, a watchdog's service and a mailbox, on an address of this machine."""

from __future__ import annotations

import contextlib
import json
import socketserver
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Told:
    """One alert of one message, and when it came."""

    at: float
    status: str
    alert: dict[str, Any]
    message: dict[str, Any]

    @property
    def name(self) -> str:
        """The alert's name."""
        return str(self.alert["labels"]["alertname"])


@dataclass
class Receivers:
    """What came, oldest first."""

    web: int
    mail: int
    address: str
    told: list[Told] = field(default_factory=list)
    barks: list[float] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)

    def first(self, name: str, status: str, since: float) -> Told | None:
        """The first message of this kind after the moment `since`."""
        return next((t for t in self.told if t.name == name and t.status == status and t.at >= since), None)

    def firing(self, since: float) -> set[str]:
        """Names of all alerts of which it was told after the moment `since` that they fire."""
        return {told.name for told in self.told if told.at >= since and told.status == "firing"}


@contextlib.contextmanager
def receivers(address: str) -> Iterator[Receivers]:
    """Receivers that listen on free ports of `address`: POST /alerts, POST /watchdog, and SMTP."""

    class Web(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            now = time.monotonic()
            if self.path == "/watchdog":
                came.barks.append(now)
            else:
                came.told += [Told(now, alert["status"], alert, message) for alert in message["alerts"]]
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing: the tests look at what came."""

    class Mailbox(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 mailbox")
            while line := self.rfile.readline().decode().strip():
                if line.upper().startswith("DATA"):
                    self._say("354 go on")
                    text = b"".join(iter(self.rfile.readline, b".\r\n")).decode()
                    came.mails.append(text)
                self._say("221 bye" if line.upper().startswith("QUIT") else "250 ok")

        def _say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

    with ThreadingHTTPServer((address, 0), Web) as web, socketserver.ThreadingTCPServer((address, 0), Mailbox) as mail:
        mail.daemon_threads = True
        came = Receivers(web=web.server_port, mail=mail.server_address[1], address=address)
        for server in (web, mail):
            threading.Thread(target=server.serve_forever, daemon=True).start()
        yield came
        for server in (web, mail):
            server.shutdown()
