"""Who works on the database while a disk fails: a writer that keeps what was acknowledged, and a reader."""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import psycopg

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

_CONNECT_SECONDS = 2
_PAUSE_SECONDS = 0.02
_VARIABLE = re.compile(r'"[^"]*"|\d[\d.:/]*')

_WRITE = """
WITH entry AS (INSERT INTO catalogo (nome, descricao, tipo) VALUES (%s, 'escrita do ensaio', 'ensaio') RETURNING id)
INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom)
SELECT id, st_multi(st_buffer(st_setsrid(st_makepoint(-44 + random(), -17 + random()), 4326), random() / 100, 400))
FROM entry
"""
"""An entry with a circle of 25 kilobytes: what fills a disk."""

_READ = """
SELECT entry.id, st_npoints(geometry.geom)
FROM catalogo AS entry JOIN catalogo_geometrias_particionada AS geometry ON geometry.catalogo_id = entry.id
WHERE entry.id = %s
"""


@dataclass
class Client(threading.Thread):
    """Asks over and over, on one connection as long as it holds, until it is told to end.

    Attributes:
        conninfo: how it connects.
        done: moments (`time.monotonic()`) at which a request was answered.
        errors: what was said instead → how often.
        first_error: when the first was.
    """

    conninfo: str
    done: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    first_error: float | None = None

    def __post_init__(self) -> None:
        """A thread of its own."""
        super().__init__(daemon=True)
        self._end = threading.Event()

    __hash__ = threading.Thread.__hash__

    def __enter__(self) -> Self:
        """Begins."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends, after the request that is under way."""
        self._end.set()
        self.join()

    def run(self) -> None:
        """Connects, and asks as long as that goes well."""
        while not self._end.is_set():
            try:
                with psycopg.connect(self.conninfo, autocommit=True, connect_timeout=_CONNECT_SECONDS) as connection:
                    self._ask_on(connection)
            except psycopg.Error as error:
                self._failed(error)
            self._end.wait(5 * _PAUSE_SECONDS)

    def _ask_on(self, connection: psycopg.Connection[Any]) -> None:
        while not self._end.is_set() and not connection.closed:
            try:
                self.ask(connection)
            except psycopg.Error as error:
                self._failed(error)
            else:
                self.done.append(time.monotonic())
            self._end.wait(_PAUSE_SECONDS)

    def ask(self, connection: psycopg.Connection[Any]) -> None:
        """One request."""
        raise NotImplementedError

    def _failed(self, error: psycopg.Error) -> None:
        self.errors[plain(error)] += 1
        self.first_error = self.first_error or time.monotonic()

    def pause(self, since: float) -> float:
        """The longest time without an answer, seconds, beginning with the last answer before `since`."""
        before = [moment for moment in self.done if moment < since][-1:] or [since]
        moments = [*before, *(moment for moment in self.done if moment >= since)]
        return max((after - start for start, after in itertools.pairwise(moments)), default=0.0)

    def answered(self, since: float, until: float) -> int:
        """Answers in a window."""
        return sum(since <= moment < until for moment in self.done)

    def wait_for_answer(self, since: float, seconds: float) -> bool:
        """Waits for an answer after `since`: whether it came."""
        return self.wait_for(lambda: bool(self.done) and self.done[-1] > since, seconds)

    def wait_for_error(self, seconds: float) -> bool:
        """Waits for the first error: whether it came."""
        return self.wait_for(lambda: self.first_error is not None, seconds)

    @staticmethod
    def wait_for(seen: Callable[[], bool], seconds: float) -> bool:
        """Waits until something is seen: whether it was."""
        end = time.monotonic() + seconds
        while not seen():
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        return True


@dataclass
class Writer(Client):
    """Stores an entry with its geometry, each in a transaction.

    Attributes:
        name: begins the names of its entries.
        acknowledged: names of those whose transaction the server said was committed.
    """

    name: str = ""
    acknowledged: list[str] = field(default_factory=list)
    tried: int = 0
    __hash__ = threading.Thread.__hash__

    def ask(self, connection: psycopg.Connection[Any]) -> None:
        """One entry; only what is acknowledged counts."""
        self.tried += 1
        name = f"{self.name}-{self.tried}"
        connection.execute(_WRITE, [name])
        self.acknowledged.append(name)

    def lost(self) -> list[str]:
        """Entries that were acknowledged and are not there, with their geometry, now."""
        with psycopg.connect(self.conninfo) as connection:
            rows = connection.execute(
                "SELECT nome FROM catalogo AS entry JOIN catalogo_geometrias_particionada AS geometry"
                " ON geometry.catalogo_id = entry.id WHERE starts_with(nome, %s) AND st_npoints(geom) > 0",
                [f"{self.name}-"],
            )
            found = {str(row[0]) for row in rows}
        return [name for name in self.acknowledged if name not in found]


@dataclass
class Reader(Client):
    """Reads an entry with its geometry after the other, round and round."""

    ids: list[int] = field(default_factory=list)
    _asked: int = 0
    __hash__ = threading.Thread.__hash__

    def ask(self, connection: psycopg.Connection[Any]) -> None:
        """The next entry."""
        self._asked += 1
        connection.execute(_READ, [self.ids[self._asked % len(self.ids)]])


def plain(error: psycopg.Error) -> str:
    """The first line of what was said, without what differs from time to time."""
    line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return _VARIABLE.sub("…", line.rpartition("failed: ")[2])
