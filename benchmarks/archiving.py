"""What archiving the log costs those who write."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from benchmarks import catalogue, rows
from benchmarks.backed_up import running
from benchmarks.blocks import Arm
from benchmarks.context import timed
from benchmarks.partitions import Inserts
from benchmarks.report import Figure, Report
from benchmarks.server import value
from benchmarks.tables import PARENT
from components.database import postgres
from images import builder

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.context import Context
    from benchmarks.server import Connection, Server

BATCHES: Final = 8
"""COPY batches of a round."""
SINGLES: Final = 2_000
"""Single inserts of a round."""

_ENTRIES: Final = 1_000
_THROWN_AWAY: Final = "true"
_CONF: Final = "postgresql.conf"
_COMMAND: Final = re.compile(r"^archive_command = .*$", re.MULTILINE)
_WAITING: Final = "SELECT count(*) FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready'"
_ARCHIVED_SECONDS: Final = 300.0

ABOUT: Final = """\
Inserting into the partitioned table while the log is archived as the platform does it (pgBackRest: compressed,
encrypted, to a volume of the same machine), against the same server whose `archive_command` is `true`, so that each
segment counts as archived and goes nowhere. The two change places by a reload, in one run; every round begins after a
checkpoint and with nothing that waits to be archived. A round of batches is several transactions of one binary COPY
each, a single insert is a transaction of its own, with synchronous_commit on. What is archived after the end of a round
is in nobody's way and is not counted, but the server has to get it done: the time until then is given too."""


@dataclass
class Archive:
    """The archive of a server, which may be real or thrown away.

    Attributes:
        server: the server.
        caught_up: seconds after a round until all of its log was archived, one for each round with the real archive.
        waiting: segments that waited at the end of these rounds.
    """

    server: Server
    caught_up: list[float] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)

    def arm(self, name: str, work: Callable[[int], int], *, real: bool) -> Arm:
        """Rows a round by `work`; gives seconds a row."""

        def run(number: int) -> float:
            self._switch(real=real)
            started = time.perf_counter()
            count = work(number)
            took = time.perf_counter() - started
            if real and number >= 0:
                self.waiting.append(int(self.server.superuser(_WAITING)))
                self.caught_up.append(timed(self._catch_up))
            return took / count

        return Arm(name, run)

    def _switch(self, *, real: bool) -> None:
        self._catch_up()
        # The platform's servers take no ALTER SYSTEM: what they are configured by are the files that they are handed.
        cell = self.server.cell
        declared = postgres.service(cell.context)
        conf = declared.config[_CONF]
        changed = conf if real else _COMMAND.sub(f"archive_command = '{_THROWN_AWAY}'", conf)
        cell.placement.hand_over(
            replace(declared, config={**declared.config, _CONF: changed}), builder.ensure(declared.image)
        )
        self.server.superuser("SELECT pg_reload_conf()")
        self._must_be(real=real)
        self.server.superuser("CHECKPOINT")

    def _must_be(self, *, real: bool) -> None:
        """Waits until the server has taken the change.

        Raises:
            TimeoutError: it does not.
        """
        until = time.monotonic() + _ARCHIVED_SECONDS
        while (self.server.superuser("SHOW archive_command") != _THROWN_AWAY) != real:
            if time.monotonic() > until:
                raise TimeoutError("the server does not take another archive_command")
            time.sleep(0.05)

    def _catch_up(self) -> None:
        """Ends the segment that is being written and waits until everything is archived.

        Raises:
            TimeoutError: it is not.
        """
        self.server.superuser("SELECT pg_logical_emit_message(true, 'bench', 'end')")
        self.server.superuser("SELECT pg_switch_wal()")
        until = time.monotonic() + _ARCHIVED_SECONDS
        while int(self.server.superuser(_WAITING)):
            if time.monotonic() > until:
                raise TimeoutError(f"the log is not archived within {_ARCHIVED_SECONDS:.0f} s")
            time.sleep(0.05)


def run(context: Context) -> Report:
    """Measures batches and single inserts."""
    options = context.options
    report = Report(
        name="archiving",
        title="What archiving the log costs",
        about=ABOUT,
        parameters={
            "rows of a batch": options.rows,
            "batches of a round": BATCHES,
            "single inserts of a round": SINGLES,
            "mean vertices of a geometry": round(context.farm.mean_vertices),
        },
    )
    with running(context.ui.say) as server, server.connect() as owner, server.connect("app") as app:
        archive = Archive(server)
        report.parameters |= server.settings("archive_timeout", "wal_segment_size", "archive_command")
        keys = catalogue.add_entries(owner, max(options.rows, _ENTRIES))
        for label, work in (
            (f"COPY of {options.rows} rows, {BATCHES} a round", _batches(context, app, keys)),
            (f"single inserts, {SINGLES} a round", _singles(context, app, keys)),
        ):
            owner.execute(f"TRUNCATE {PARENT}, catalogo_change_queue".encode())
            report.comparisons.append(
                context.compare(
                    label,
                    (
                        archive.arm("archived", work, real=True),
                        archive.arm("thrown away", work, real=False),
                        archive.arm("thrown away again", work, real=False),
                    ),
                    options.refresh_pairs,
                )
            )
            report.figures += _figures(label, archive)
        report.figures.append(Figure("segments that could not be archived", _failed(owner)))
    return report


def _figures(label: str, archive: Archive) -> list[Figure]:
    """What was left to do at the end of a round; the next label counts anew."""
    found = [
        Figure(f"{label}: segments that waited at its end, at most", max(archive.waiting)),
        Figure(f"{label}: from its end until all were archived, at most", max(archive.caught_up), "s"),
    ]
    archive.waiting, archive.caught_up = [], []
    return found


def _failed(owner: Connection) -> int:
    return int(value(owner, "SELECT failed_count FROM pg_stat_archiver"))


def _batches(context: Context, app: Connection, keys: list[int]) -> Callable[[int], int]:
    size = context.options.rows
    source = rows.Source(context.farm, keys, size, 1, ordered=False)
    payloads = [rows.binary_copy(source.round(number)) for number in range(BATCHES)]

    def work(_: int) -> int:
        for payload in payloads:
            catalogue.copy(app, PARENT, payload)
        return size * len(payloads)

    return work


def _singles(context: Context, app: Connection, keys: list[int]) -> Callable[[int], int]:
    source = rows.Source(context.farm, keys, SINGLES, 1, ordered=False)
    way, made = Inserts(app, source, single=True), source.round(0)

    def work(_: int) -> int:
        for row in made:
            way.insert(PARENT, row)
        return len(made)

    return work
