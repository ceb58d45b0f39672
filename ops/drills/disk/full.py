"""Nothing is left: on the data volume, or where the write-ahead log is archived."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any, ClassVar

import psycopg

from components.database import backup_config
from ops.drills.disk.base import Fault
from ops.drills.disk.volumes import ARCHIVE, DATA
from ops.errors import OpsError

if TYPE_CHECKING:
    from ops.drills.disk.load import Reader, Writer

LEFT_BYTES = 8 * 1024**2
"""What the ballast leaves on the data volume: less than one segment of the log."""

_TOO_LITTLE_BYTES = 1024**2
_FEEL_SECONDS = 120
_SEGMENTS = 64
_CATCH_UP_SECONDS = 120
_NO_SPACE = "No space left on device"


class DataFull(Fault):
    """The volume of the cluster, with its log."""

    title = "The data volume is full"
    promise = (
        "A table that needs space is refused it with an error that names the cause, and reads go on; where the log"
        " needs it first, the server ends itself, as in the next drill. With space again it takes writes, and nobody"
        " has to start it."
    )
    told_by: ClassVar[tuple[str, ...]] = ("DiskFilling", "DiskAlmostFull", "PostgresDown")

    def strike(self, writer: Writer, reader: Reader) -> None:  # noqa: ARG002 - of every fault
        """Leaves half a segment; the writer takes it."""
        self.volumes.fill(DATA, LEFT_BYTES)
        if not writer.wait_for_error(_FEEL_SECONDS):
            raise OpsError("the volume does not become full")

    def heal(self) -> None:
        """Gives the space back; nothing is started."""
        self.volumes.empty(DATA)

    def judge(self) -> None:
        """The cause was told, in the log as well."""
        said = [line for line in self.volumes.log() if _NO_SPACE in line]
        self.run.check("the log names the cause", bool(said), "no line of it")
        if said:
            self.run.note(f"the log's first line of it: `{said[0].partition(' ')[2].partition('] ')[2]}`")


class LogFull(DataFull):
    """The same volume, when hardly anything is left and the log needs another segment."""

    title = "The data volume is full, and the log needs space"
    promise = (
        "The server ends itself (PANIC) rather than acknowledge what it cannot write down, and Docker starts it in vain"
        " until there is space again: then it comes up and takes writes, and nobody has to start it."
    )

    def strike(self, writer: Writer, reader: Reader) -> None:
        """Leaves next to nothing, and uses up the segments that are there for later."""
        self.volumes.fill(DATA, _TOO_LITTLE_BYTES)
        with contextlib.suppress(OpsError):  # the one that fails is what is waited for
            for _ in range(_SEGMENTS):
                self.volumes.switch_log()
        if not (writer.wait_for_error(_FEEL_SECONDS) and reader.wait_for_error(_FEEL_SECONDS)):
            raise OpsError("the log does not run out of space")

    def judge(self) -> None:
        """It ended itself, and said why."""
        super().judge()
        self.run.check("the server ends itself", self.run.panics > 0, "no PANIC")


class ArchiveFull(Fault):
    """The volume of the archive alone."""

    title = "The volume of the log's archive is full"
    promise = (
        "Writes and reads go on, without an error; the log that is not archived waits on the data volume, and fills it"
        " in time (then it is the fault above). With space again all of it is archived, in order, and given free."
    )
    told_by = ("WalArchivingFailing", "DiskAlmostFull")

    def strike(self, writer: Writer, reader: Reader) -> None:  # noqa: ARG002 - of every fault
        """Leaves nothing; a segment that has to be archived fails."""
        self.failed = int(self._archiver("failed_count"))
        self.volumes.fill(ARCHIVE, 0)
        self.volumes.switch_log()
        self._wait(lambda: int(self._archiver("failed_count")) > self.failed, "archiving does not fail")

    def look(self) -> None:
        """Segments have gathered."""
        for _ in range(3):  # what some minutes of work would fill
            self.volumes.switch_log()
            time.sleep(0.2)
        self.waiting = self._waiting()
        self.run.check("what is not archived waits", self.waiting > 0, "nothing does")

    def heal(self) -> None:
        """Gives the space back."""
        self.volumes.empty(ARCHIVE)

    def judge(self) -> None:
        """Everything was archived; nobody noticed anything."""
        begun = time.monotonic()
        self._wait(lambda: self._waiting() == 0, "the archive does not catch up")
        self.run.note(
            f"{self.waiting} segments waited at the end of the outage; {time.monotonic() - begun:.1f} s after the load"
            " all were archived"
        )
        self.run.check("no write is refused", not self.run.write_errors, dict(self.run.write_errors))
        self.run.check("no read is refused", not self.run.read_errors, dict(self.run.read_errors))
        status, said = self.volumes.try_in_server(["pgbackrest", f"--stanza={backup_config.STANZA}", "check"])
        self.run.check("the archive is whole (pgbackrest check)", status == 0, said.strip())

    def _archiver(self, column: str) -> Any:
        return self.volumes.ask(f"SELECT {column} FROM pg_stat_archiver")  # noqa: S608 - a column's name

    def _waiting(self) -> int:
        said = self.volumes.keep("sh", "-c", "ls /data/pgdata/pg_wal/archive_status | grep -c ready || true")
        return int(said)

    @staticmethod
    def _wait(seen: Any, otherwise: str) -> None:
        end = time.monotonic() + _CATCH_UP_SECONDS
        while True:
            try:
                if seen():
                    return
            except psycopg.Error:
                pass
            if time.monotonic() > end:
                raise OpsError(otherwise)
            time.sleep(0.2)
