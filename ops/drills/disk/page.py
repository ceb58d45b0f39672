"""A page of the geometries is not what was written: bytes of it are changed on the disk."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.errors import DataCorrupted

from ops.drills.disk.base import Fault
from ops.errors import OpsError

if TYPE_CHECKING:
    from ops.drills.disk.load import Reader, Writer

PAGE_BYTES = 8192
_FEEL_SECONDS = 120
_DAMAGED_BYTES = 64
_COUNTED_SECONDS = 30


class PageCorrupted(Fault):
    """One heap page of the year's partition."""

    title = "A page is corrupted on the disk"
    promise = (
        "Whoever reads an entry of that page is told so by an error, never given wrong data; it is counted, and found"
        " by pg_amcheck and pg_checksums. Every other entry is read and written as before."
    )
    told_by = ("PageChecksumsFailing",)

    def strike(self, writer: Writer, reader: Reader) -> None:  # noqa: ARG002 - of every fault
        """Chooses the page of the seed's last entry, stops the server, changes bytes in its middle, starts it."""
        with psycopg.connect(self.volumes.conninfo) as connection:
            partition, block, path = self._row(
                connection,
                "SELECT tableoid::regclass::text, (ctid::text::point)[0]::integer, pg_relation_filepath(tableoid)"
                " FROM catalogo_geometrias_particionada WHERE catalogo_id = %s",
                [max(reader.ids)],
            )
            self.damaged = [
                int(row[0])
                for row in connection.execute(
                    "SELECT catalogo_id FROM catalogo_geometrias_particionada WHERE tableoid = %s::regclass"
                    " AND (ctid::text::point)[0]::integer = %s ORDER BY 1",
                    [partition, block],
                )
            ]
        self.partition, self.block, self.path = str(partition), int(block), f"/data/pgdata/{path}"
        self.before = self._counted()
        self._offset = self.block * PAGE_BYTES + PAGE_BYTES - 2 * _DAMAGED_BYTES
        self.volumes.server.stop()
        self._copy(self.path, "/tmp/page", skip=self._offset)  # noqa: S108 - the keeper's own
        self._copy("/dev/urandom", self.path, seek=self._offset)
        self.volumes.start()
        self.volumes.whole()
        if not reader.wait_for(lambda: any("invalid page" in said for said in reader.errors), _FEEL_SECONDS):
            raise OpsError("nobody reads the page")

    def look(self) -> None:
        """Asks for every entry of the farm and of the page."""
        refused = self._refused()
        self.run.check("exactly the entries of the page are refused", refused == self.damaged, f"{refused}")
        self.run.note(
            f"page {self.block} of `{self.partition}`: {len(self.damaged)} entries refused,"
            f" {len(self._all()) - len(refused)} others read"
        )
        end = time.monotonic() + _COUNTED_SECONDS
        while self._counted() == self.before and time.monotonic() < end:
            time.sleep(0.2)
        self.run.check("counted in pg_stat_database", self._counted() > self.before, "not counted")
        status, said = self.volumes.try_in_server(
            ["pg_amcheck", "--install-missing", "--table", self.partition, "mundo"]
        )
        self.run.check("pg_amcheck finds it", status != 0 and "invalid page" in said, said.strip())

    def heal(self) -> None:
        """With the server stopped: pg_checksums names the page; it gets back what was in it, as by a restore."""
        self.volumes.server.stop()
        status, said = self.volumes.try_beside(["pg_checksums", "--check", "-D", "/data/pgdata"])
        named = [line for line in said.splitlines() if f"block {self.block}:" in line]
        self.run.check("pg_checksums finds it", status != 0 and len(named) == 1, said.strip())
        self._copy("/tmp/page", self.path, seek=self._offset)  # noqa: S108 - the keeper's own
        status, said = self.volumes.try_beside(["pg_checksums", "--check", "-D", "/data/pgdata"])
        self.run.check("pg_checksums finds nothing afterwards", status == 0, said.strip())
        self.volumes.start()
        self.volumes.whole()

    def judge(self) -> None:
        """Every entry can be read again."""
        self.run.check("every entry is read again", not self._refused(), self._refused())
        others = [said for said in self.run.write_errors if "invalid page" in said]
        self.run.check("no write meets the page", not others, others)

    def _all(self) -> list[int]:
        with psycopg.connect(self.volumes.conninfo) as connection:
            return [int(row[0]) for row in connection.execute("SELECT id FROM catalogo ORDER BY id")]

    def _refused(self) -> list[int]:
        refused = []
        with psycopg.connect(self.volumes.conninfo, autocommit=True) as connection:
            for number in self._all():
                try:
                    connection.execute(
                        "SELECT geom FROM catalogo_geometrias_particionada WHERE catalogo_id = %s", [number]
                    )
                except DataCorrupted:
                    refused.append(number)
        return refused

    def _counted(self) -> int:
        return int(self.volumes.ask("SELECT checksum_failures FROM pg_stat_database WHERE datname = 'mundo'"))

    def _copy(self, source: str, target: str, *, skip: int = 0, seek: int = 0) -> None:
        places = (
            (f"skip={skip}", "iflag=skip_bytes,count_bytes,fullblock") if skip else ("iflag=count_bytes,fullblock",)
        )
        aim = (f"seek={seek}", "oflag=seek_bytes") if seek else ()
        self.volumes.keep(
            "dd", f"if={source}", f"of={target}", f"count={_DAMAGED_BYTES}", "conv=notrunc", *places, *aim
        )

    @staticmethod
    def _row(connection: psycopg.Connection[tuple[Any, ...]], query: str, values: list[int]) -> tuple[Any, ...]:
        row = connection.execute(query.encode(), values).fetchone()
        assert row is not None  # noqa: S101 - the entry is there
        return row
