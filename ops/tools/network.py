"""Whether an address answers, within seconds."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request

_UNAUTHORIZED = 401


def answers(url: str, seconds: float = 5) -> bool:
    """Whether `url` answers a HEAD request well (a registry that asks who you are does) within `seconds`."""
    request = urllib.request.Request(url, method="HEAD")  # noqa: S310 - callers pass constants
    try:
        with urllib.request.urlopen(request, timeout=seconds):  # noqa: S310 - as above
            return True
    except urllib.error.HTTPError as error:
        return error.code == _UNAUTHORIZED
    except (OSError, ValueError, http.client.HTTPException):
        return False
