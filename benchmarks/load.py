"""Writers and readers at work while something else happens."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

import psycopg

from benchmarks import catalogue, rows
from benchmarks.server import value
from benchmarks.tables import COUNT, PARENT

if TYPE_CHECKING:
    from types import TracebackType

    from benchmarks.context import Context
    from benchmarks.server import Connection

_INSERT: Final = (
    "INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, is_valid, created_at) VALUES (%s, %s, true, %s)"
)
_BATCH: Final = 50
_PAUSE_SECONDS: Final = 0.002
_LONGEST_SECONDS: Final = 60


@dataclass
class Load:
    """Two writers and a reader for the length of the block, as the app's role.

    One writer inserts row by row, the other makes imports: an entry and a batch of its geometries in one transaction.
    The reader counts what there is: rows are only ever added, so a count below an earlier one is a wrong read.

    Attributes:
        context: of the benchmark.
        keys: entries that single inserts go to.
        source: of the rows.
        inserts: seconds of each transaction that inserted.
        reads: seconds of each read.
        errors: what was refused.
        wrong_reads: how often rows were not seen.
        stored: rows inserted and committed.
    """

    context: Context
    keys: list[int]
    source: rows.Source
    inserts: list[float] = field(default_factory=list)
    reads: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    wrong_reads: int = 0
    stored: int = 0
    _at_first: int = 0
    _over: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        """Starts them; returns when each has its connection."""
        ready = threading.Barrier(4)
        with self.context.server.connect() as connection:
            self._at_first = value(connection, COUNT)
        for work in (self._single, self._import, self._read):
            thread = threading.Thread(target=self._guarded, args=(work, ready), daemon=True)
            thread.start()
            self._threads.append(thread)
        ready.wait(_LONGEST_SECONDS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops them after what they are doing."""
        self._over.set()
        for thread in self._threads:
            thread.join(_LONGEST_SECONDS)
            if thread.is_alive():
                self.errors.append(f"still waiting after {_LONGEST_SECONDS} s")

    def _guarded(self, work: Any, ready: threading.Barrier) -> None:
        with self.context.server.connect("app") as connection:
            ready.wait(_LONGEST_SECONDS)
            number = 0
            while not self._over.is_set():
                started = time.perf_counter()
                try:
                    kept, stored = work(connection, number)
                except psycopg.Error as error:
                    self.errors.append(str(error).splitlines()[0])
                    if connection.closed:
                        return
                else:
                    kept.append(time.perf_counter() - started)
                    with self._lock:
                        self.stored += stored
                number += 1
                time.sleep(_PAUSE_SECONDS)

    def _single(self, connection: Connection, number: int) -> tuple[list[float], int]:
        batch = self.source.round(0)
        row = batch[number % len(batch)]
        connection.execute(
            _INSERT,
            (row.entry, row.geometry, row.created_at),
        )
        return self.inserts, 1

    def _import(self, connection: Connection, number: int) -> tuple[list[float], int]:
        batch = self.source.round(0)
        with connection.transaction():
            found = connection.execute(
                "INSERT INTO catalogo (nome, tipo) VALUES (%s, 'CARGA') RETURNING id", (f"carga {number}",)
            ).fetchone()
            assert found is not None  # noqa: S101  (RETURNING gives a row)
            payload = rows.binary_copy(
                [
                    rows.Row(found[0], row.geometry, row.microsecond)
                    for row in (batch[(number * _BATCH + at) % len(batch)] for at in range(_BATCH))
                ]
            )
            catalogue.copy(connection, PARENT, payload)
        return self.inserts, _BATCH

    def _read(self, connection: Connection, _number: int) -> tuple[list[float], int]:
        before = self.stored
        found = connection.execute(COUNT).fetchone()
        if found is None or found[0] < before + self._at_first:
            self.wrong_reads += 1
        return self.reads, 0
