"""Whether an address answers, within seconds."""

from __future__ import annotations

import http.client
import threading
import urllib.error
import urllib.request

_UNAUTHORIZED = 401
REGISTRY = "https://registry-1.docker.io/v2/"


def answers(url: str, seconds: float = 5) -> bool:
    """Whether `url` answers a HEAD request well (a registry that asks who you are does) within `seconds`."""
    good: list[bool] = []
    # In a thread that may be left behind: no time limit of the socket holds while a name is being resolved.
    probe = threading.Thread(target=lambda: good.append(_ask(url, seconds)), daemon=True)
    probe.start()
    probe.join(seconds)
    return bool(good and good[0])


def _ask(url: str, seconds: float) -> bool:
    request = urllib.request.Request(url, method="HEAD")  # noqa: S310 - callers pass constants
    try:
        with urllib.request.urlopen(request, timeout=seconds):  # noqa: S310 - as above
            return True
    except urllib.error.HTTPError as error:
        return error.code == _UNAUTHORIZED
    except (OSError, ValueError, http.client.HTTPException):
        return False


def registry_answers(seconds: float = 3) -> bool:
    """Whether the public image registry answers within `seconds`."""
    return answers(REGISTRY, seconds)
