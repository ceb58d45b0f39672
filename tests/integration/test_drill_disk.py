"""The faults of the disk, shortened, one after the other on one server with bounded volumes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from ops.drills.disk import FAULTS, drill
from ops.drills.disk.full import ArchiveFull
from ops.drills.disk.volumes import volumes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.drills.disk.base import Run
    from ops.drills.disk.volumes import Volumes

pytestmark = pytest.mark.timeout(300)

TIMING = drill.Timing(control=0.5, outage=2)


@pytest.fixture(scope="module")
def bounded() -> Iterator[Volumes]:
    with volumes(entries=200) as own:
        yield own


def faulted(bounded: Volumes, name: str) -> Run:
    run = drill.once(bounded, FAULTS[name], TIMING)
    assert run.broken == []
    assert "no acknowledged write is lost" in run.held
    assert run.acknowledged > 0
    return run


def test_a_full_data_volume_loses_nothing_and_heals_with_space(bounded: Volumes) -> None:
    run = faulted(bounded, "disk-full")
    assert sum(run.write_errors.values()) > 0
    assert run.write_again is not None


def test_a_server_without_space_for_its_log_comes_back_with_space(bounded: Volumes) -> None:
    run = faulted(bounded, "disk-log-full")
    assert run.panics > 0
    assert run.write_again is not None


def test_a_full_archive_stops_nobody(bounded: Volumes) -> None:
    run = faulted(bounded, "disk-archive-full")
    assert run.written > 0
    assert run.panics == 0


def test_a_read_only_volume_is_named_and_left_alone(bounded: Volumes) -> None:
    run = faulted(bounded, "disk-read-only")
    assert run.read_errors
    assert run.write_errors
    assert run.restarts > 0


def test_a_corrupted_page_is_told_counted_and_found(bounded: Volumes) -> None:
    run = faulted(bounded, "disk-page-corrupted")
    assert run.written > 0
    assert any("invalid page" in said for said in run.read_errors)
    assert {"counted in pg_stat_database", "pg_amcheck finds it", "pg_checksums finds it"} <= set(run.held)


def test_a_lost_acknowledged_write_breaks_the_drill(bounded: Volumes) -> None:
    """A disk that forgets: rows go while it is full, and the drill counts them."""

    class Forgets(ArchiveFull):
        def heal(self) -> None:
            super().heal()
            with psycopg.connect(bounded.conninfo) as connection:
                connection.execute("DELETE FROM catalogo WHERE tipo = 'ensaio'")

    run = drill.once(bounded, Forgets, TIMING)
    assert run.lost > 0
    assert [each for each in run.broken if each.startswith("no acknowledged write is lost")]
