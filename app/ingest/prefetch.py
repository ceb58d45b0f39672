"""Prepare the next batches in a thread while the present one is being stored."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import Full, Queue
from typing import Generic, TypeVar

T = TypeVar("T")
_POLL_SECONDS = 0.2


class _End:
    """Stands behind the last item; carries what the thread raised, if it did."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


class _Producer(Generic[T]):
    def __init__(self, make: Callable[[], Iterator[T]], depth: int) -> None:
        self._make = make
        self._queue: Queue[T | _End] = Queue(maxsize=depth)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ingest-prepare", daemon=True)
        self._thread.start()

    def items(self) -> Iterator[T]:
        while True:
            item = self._queue.get()
            if not isinstance(item, _End):
                yield item
            elif item.error is not None:
                raise item.error
            else:
                return

    def close(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            for item in self._make():
                self._put(item)
                if self._stop.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 - handed to the consumer, which raises it
            self._put(_End(error))
        else:
            self._put(_End(None))

    def _put(self, item: T | _End) -> None:
        while not self._stop.is_set():
            with suppress(Full):
                self._queue.put(item, timeout=_POLL_SECONDS)
                return


@contextmanager
def prefetched(make: Callable[[], Iterator[T]], depth: int = 2) -> Iterator[Iterator[T]]:
    """Run the iterator that `make` gives in a thread, at most `depth` items ahead.

    Parsing and GEOS leave the interpreter lock free for much of their time, as does waiting for Postgres. What the
    thread raises is raised to the consumer; when the consumer leaves, the thread is stopped and waited for.
    """
    producer = _Producer(make, depth)
    try:
        yield producer.items()
    finally:
        producer.close()
