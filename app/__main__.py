"""Run the service: `python -m app`. Wrong settings end it with one line and status 2."""

from __future__ import annotations

import signal
import sys
from typing import NoReturn

import uvicorn

from app.logs import configure
from app.main import create_app
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
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(settings),
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=settings.shutdown_grace_s,
            timeout_keep_alive=30,
            lifespan="on",
        )
    )
    server.run()
    return 0 if server.started else 1


def _end(*_: object) -> NoReturn:
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
