"""Run the service: `python -m app`. Wrong settings end it with one line and status 2."""

from __future__ import annotations

import signal
import sys
from typing import NoReturn

from app.address import listen
from app.logs import configure
from app.main import create_app
from app.server import make_server
from app.settings import SettingsError, load_settings


def main() -> int:
    """Serve until SIGTERM or SIGINT, then end the requests under way."""
    try:
        settings = load_settings()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    configure(settings.log_level)
    # uvicorn ends the requests under way, then raises the signal anew: a clean end has status 0.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    try:
        sockets = listen(settings)
    except OSError as error:
        sys.stderr.write(f"MUNDO_HOST={settings.host!r}, MUNDO_PORT={settings.port}: {error.strerror}\n")
        return 1
    app = create_app(settings)
    server = make_server(app, settings, leaving=app.leave)
    server.run(sockets)
    return 0 if server.started else 1


def _end(*_: object) -> NoReturn:
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
