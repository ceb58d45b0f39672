"""Ending work that does not look up: by a signal from outside, or when its time is over."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Reason = Literal["ending", "time"]
GRACE_S = 5.0
"""What is interrupted and does not end within this is ended with its process."""

ENDED = 77
TIMED_OUT = 78
"""Statuses of a process that could not end in order."""


class Interrupted(KeyboardInterrupt):
    """The work is to end now. As a KeyboardInterrupt, psycopg cancels the statement under way."""

    def __init__(self, reason: Reason) -> None:
        """`reason` is why."""
        super().__init__(reason)
        self.reason: Reason = reason


class Interrupter:
    """Turns SIGTERM, and the end of a time limit, into Interrupted, in the main thread and only where it is due."""

    def __init__(self) -> None:
        """Listen from now on."""
        self.ending = False
        self._armed = False
        signal.signal(signal.SIGTERM, lambda *_: self._fire("ending"))
        signal.signal(signal.SIGALRM, lambda *_: self._fire("time"))
        # A terminal's Ctrl-C reaches the whole group: who started this process ends it.
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def end_with(self, descriptor: int) -> None:
        """End in order when the other end of a pipe is closed, whatever became of who held it."""

        def wait() -> None:
            while os.read(descriptor, 1024):
                pass
            os.kill(os.getpid(), signal.SIGTERM)

        threading.Thread(target=wait, name="parent", daemon=True).start()

    @contextlib.contextmanager
    def limited(self, seconds: float) -> Iterator[None]:
        """Let the block be interrupted: by SIGTERM, or after so many seconds."""
        signal.setitimer(signal.ITIMER_REAL, seconds)
        self._armed = True
        try:
            if self.ending:
                raise Interrupted("ending")
            yield
        finally:
            self._armed = False
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _fire(self, reason: Reason) -> None:
        first = not self.ending
        self.ending = self.ending or reason == "ending"
        if reason == "ending" and not first:
            return
        if reason == "ending" or self._armed:
            status = TIMED_OUT if reason == "time" else ENDED
            timer = threading.Timer(GRACE_S, os._exit, (status,))
            timer.daemon = True
            timer.start()
            self._timer = timer
        if self._armed:
            self._armed = False
            raise Interrupted(reason)

    def in_order(self) -> None:
        """The interrupted work has ended by itself: the process may go on."""
        self._timer.cancel()
