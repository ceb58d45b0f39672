"""The data volume comes back read-only, as a file system with errors does when the machine starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.drills.disk.base import Fault
from ops.drills.disk.volumes import DATA
from ops.errors import OpsError

if TYPE_CHECKING:
    from ops.drills.disk.load import Reader, Writer

_FEEL_SECONDS = 60


class VolumeReadOnly(Fault):
    """Stopped, mounted read-only, started."""

    title = "The data volume is read-only when the server starts"
    promise = (
        "The server refuses to start, with one line that says why, again and again, and changes nothing; no request is"
        " answered. When the volume can be written again the server comes up by itself, with all that was acknowledged."
    )
    told_by = ("PostgresDown",)

    def strike(self, writer: Writer, reader: Reader) -> None:
        """Stops the server, since nobody can take a volume from under open files; starts it on the read-only one."""
        self.volumes.server.stop()
        self.volumes.remount(DATA, "ro")
        self.volumes.start()
        if not (writer.wait_for_error(_FEEL_SECONDS) and reader.wait_for_error(_FEEL_SECONDS)):
            raise OpsError("nobody feels that the volume is read-only")

    def heal(self) -> None:
        """Mounts it for writing; nothing is started."""
        self.volumes.remount(DATA, "rw")

    def judge(self) -> None:
        """It said why."""
        said = [line for line in self.volumes.log() if "not writable" in line or "Read-only" in line]
        self.run.check("the log names the cause", bool(said), self.volumes.log()[-3:])
        self.run.check("it changed nothing and answered nothing", self.run.written + self.run.read == 0)
        if said:
            self.run.note(f"what it says: `{said[0]}`, {len(said)} times")
