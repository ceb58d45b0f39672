"""One core kept busy in bursts: `python -m ops.soak.burn PARENT SECONDS_ON SECONDS_OFF`.

It goes on until its parent, a process id, ends it or is gone.

The bursts follow the clock, so that those of every core come at once, which is the worst case.
"""

from __future__ import annotations

import os
import sys
import time

_TURNS = 20_000


def burn(parent: int, seconds_on: float, seconds_off: float) -> None:
    """Counts while the clock says so, and sleeps otherwise."""
    while os.getppid() == parent:
        into = time.time() % (seconds_on + seconds_off)
        if into < seconds_on:
            for _ in range(_TURNS):
                pass
        else:
            time.sleep(min(seconds_on + seconds_off - into, 0.5))


if __name__ == "__main__":
    burn(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]))
