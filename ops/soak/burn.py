"""One core kept busy in bursts: `python -m ops.soak.burn SECONDS_ON SECONDS_OFF`, until its parent ends it or is gone.

The bursts follow the clock, so that those of every core come at once, which is the worst case.
"""

from __future__ import annotations

import os
import sys
import time

_TURNS = 20_000


def burn(seconds_on: float, seconds_off: float) -> None:
    """Counts while the clock says so, and sleeps otherwise."""
    parent = os.getppid()
    while os.getppid() == parent:
        into = time.time() % (seconds_on + seconds_off)
        if into < seconds_on:
            for _ in range(_TURNS):
                pass
        else:
            time.sleep(min(seconds_on + seconds_off - into, 0.5))


if __name__ == "__main__":
    burn(float(sys.argv[1]), float(sys.argv[2]))
