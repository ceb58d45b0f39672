"""Waiting times of alerts as Prometheus writes them."""

import re
from math import ceil
from typing import Final

_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def scaled(duration: str, percent: int = 100) -> str:
    """`percent` of `duration`, in whole seconds, rounded up; none stays none.

    Args:
        duration: a Prometheus duration of one unit, such as `30s` or `5m`.
        percent: 100 leaves it as it is.

    Raises:
        ValueError: it is no such duration.
    """
    parts = re.fullmatch(r"(\d+)([smhd])", duration)
    if not parts:
        raise ValueError(f"'{duration}' is no duration of one unit, such as 30s, 5m, 2h or 1d")
    if percent == 100:  # noqa: PLR2004 - all of it
        return duration
    return f"{ceil(int(parts[1]) * _SECONDS[parts[2]] * percent / 100)}s"
