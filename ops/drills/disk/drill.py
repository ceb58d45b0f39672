"""Makes faults of the disk on a server of its own, under a writer and a reader, and counts what was lost."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg

from ops.drills.disk.base import Run
from ops.drills.disk.findings import Findings
from ops.drills.disk.load import Reader, Writer
from ops.drills.disk.volumes import volumes
from ops.errors import OpsError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ops.drills.disk.base import Fault
    from ops.drills.disk.volumes import Volumes

PROMISE = """\
PostgreSQL as the platform runs it (its image and settings, its log archived, started again by Docker whatever ends
it), on volumes of a few hundred megabytes, in memory: a full one is full for this server alone. A writer stores one
entry with its geometry after the other and keeps what was acknowledged, a reader reads entries. Whatever happens to the
disk, nothing that was acknowledged is lost, and nobody is given wrong data."""

_BACK_SECONDS = 180


@dataclass(frozen=True)
class Timing:
    """How long.

    Attributes:
        control: seconds of load before the fault, and after its repair.
        outage: seconds from when the fault is felt to its repair.
    """

    control: float = 3
    outage: float = 20


def run(
    faults: Sequence[type[Fault]], times: int, say: Callable[[str, float], None], timing: Timing | None = None
) -> Findings:
    """Makes each fault so many times, one after the other, on one server.

    Args:
        faults: the faults.
        times: how often each.
        say: called with the fault's title and its runs that are done.
        timing: how long.

    Raises:
        OpsError: the server does not come up, or not again after a fault, or a fault is not felt.
    """
    findings = Findings()
    with volumes() as own:
        for fault in faults:
            say(fault.title, 0)
            runs = []
            for number in range(times):
                runs.append(once(own, fault, timing or Timing()))
                say(fault.title, number + 1)
            findings.runs.append((fault, runs))
    return findings


def once(own: Volumes, kind: type[Fault], timing: Timing) -> Run:
    """One fault, from a server where all is well to one where all is well."""
    own.whole()
    result = Run()
    fault, restarts = kind(own, result), own.restarts()
    reader = Reader(own.conninfo, ids=_ids(own))
    with Writer(own.conninfo, name=f"ensaio-{secrets.token_hex(4)}") as writer, reader:
        begun = [client.wait_for_answer(0, _BACK_SECONDS) for client in (writer, reader)]
        time.sleep(timing.control)
        if not all(begun) or writer.errors or reader.errors:
            raise OpsError(f"all is not well before the fault: {dict(writer.errors + reader.errors)}")
        own.since, struck = int(time.time()), time.monotonic()
        fault.strike(writer, reader)
        felt = time.monotonic()
        time.sleep(timing.outage)
        fault.look()
        healing = time.monotonic()
        fault.heal()
        healed = time.monotonic()
        for client, asks in ((writer, "write"), (reader, "read")):
            if not client.wait_for_answer(healed, _BACK_SECONDS):
                raise OpsError(f"no {asks} succeeds within {_BACK_SECONDS} s of the repair: {dict(client.errors)}")
        time.sleep(timing.control)
    result.acknowledged = len(writer.acknowledged)
    result.written, result.read = writer.answered(felt, healing), reader.answered(felt, healing)
    result.write_pause, result.read_pause = writer.pause(struck), reader.pause(struck)
    result.write_errors, result.read_errors = writer.errors, reader.errors
    if writer.errors:
        result.write_again = min(moment for moment in writer.done if moment > healed) - healing
    result.panics = sum(" PANIC: " in line for line in own.log())
    result.restarts = own.restarts() - restarts
    lost = writer.lost()
    result.lost = len(lost)
    result.check("no acknowledged write is lost", not lost, f"{len(lost)} of {result.acknowledged}: {lost[:3]}")
    fault.judge()
    return result


def _ids(own: Volumes) -> list[int]:
    """The farm's entries: those of no drill."""
    with psycopg.connect(own.conninfo) as connection:
        rows = connection.execute("SELECT id FROM catalogo WHERE tipo <> 'ensaio' ORDER BY id")
        return [int(row[0]) for row in rows]
