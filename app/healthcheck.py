"""The container's health check: `python -m app.healthcheck [live|ready]`, exit status 0 when the answer is 200."""

from __future__ import annotations

import http.client
import os
import sys

_SECONDS = 3


def main(arguments: list[str]) -> int:
    """Ask the service on this machine and print what it said."""
    what = arguments[0] if arguments else "live"
    if what not in {"live", "ready"}:
        sys.stderr.write(f"{what!r} is no health check; allowed: live, ready\n")
        return 2
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("MUNDO_PORT") or 8000), timeout=_SECONDS)
    try:
        connection.request("GET", f"/health/{what}")
        response = connection.getresponse()
        text = response.read(2000).decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        sys.stdout.write(f"no answer: {error}\n")
        return 1
    finally:
        connection.close()
    sys.stdout.write(f"{response.status} {text}\n")
    return 0 if response.status == http.HTTPStatus.OK else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
