"""`mundo capacity` on a real database: what it measures, stores, writes and leaves behind."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import psycopg
import pytest

from ops.capacity import command, measure
from ops.capacity.command import Request, compare, plan
from ops.capacity.wal import SAMPLE_ROWS, measure_wal
from ops.errors import OpsError
from tests.database.server import rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rich.console import Console

GROWTH = {"low": 0.05, "expected": 0.2, "high": 0.5}
FARM = """
WITH entry AS (
    INSERT INTO catalogo (nome, tipo, criado_em)
    SELECT 'Talhão ' || n, 'Pastagem', now() - make_interval(days => n) FROM generate_series(1, %(entries)s) AS n
    RETURNING id, criado_em
)
INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, created_at)
SELECT
    id,
    -- From a few points, which stay in the row, to more than a page of random ones, which go to TOAST.
    ST_Multi(ST_Collect(ARRAY(
        SELECT ST_SetSRID(ST_MakePoint(random() - 44, random() - 17), 4326)
        FROM generate_series(1, 5 + (id %% 10) * 80)
    ))),
    criado_em
FROM entry
"""
COUNTS = """
SELECT
    (SELECT count(*) FROM catalogo), (SELECT count(*) FROM catalogo_geometrias_particionada),
    (SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'capacity_sample%'),
    (SELECT sum(total_bytes) FROM v_capacity_size)
"""


@pytest.fixture
def farm(owner_conninfo: str, clean: object) -> Iterator[str]:
    """The owner's login to a database with an entry a day for 400 days; no plan afterwards."""
    with psycopg.connect(owner_conninfo) as connection:
        connection.execute(FARM, {"entries": 400})
    with psycopg.connect(owner_conninfo, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE catalogo_geometrias_particionada")
    yield owner_conninfo
    with psycopg.connect(owner_conninfo) as connection:
        connection.execute("DELETE FROM capacity_plan")


def request(folder: Path, rows_per_year: float | None = None, last_year: int = 2035) -> Request:
    return Request("local", GROWTH, last_year, folder, rows_per_year, watch_seconds=0.1)


def test_measured_bytes_are_those_on_disk(farm: str) -> None:
    with psycopg.connect(farm, autocommit=True) as connection:
        sizes = measure.measure_sizes(connection, "local")
    assert (sizes.rows, sizes.entries) == (400, 400)
    geometries = rows(
        farm,
        "SELECT sum(pg_total_relation_size(inhrelid))::bigint, sum(pg_indexes_size(inhrelid))::bigint,"
        " sum(pg_relation_size(inhrelid))::bigint, count(*) FROM pg_inherits"
        " WHERE inhparent = 'catalogo_geometrias_particionada'::regclass",
    )
    assert [
        (sizes.heap + sizes.maps + sizes.index + sizes.toast, sizes.index, sizes.heap, sizes.partitions)
    ] == geometries
    stored = "SELECT sum(pg_column_size(geom))::bigint FROM catalogo_geometrias_particionada"
    assert sizes.heap + sizes.toast > int(str(rows(farm, stored)[0][0]))
    assert sizes.toast > sizes.empty_toast, "some of these geometries are out of line"
    assert 0 < sizes.geometry_error < 0.1


def test_the_log_is_measured_by_inserting_and_nothing_stays(farm: str) -> None:
    before = rows(farm, COUNTS)
    with psycopg.connect(farm, autocommit=True) as connection:
        sizes = measure.measure_sizes(connection, "local")
        first, second = (measure_wal(connection, watch_seconds=0.1) for _ in range(2))
    assert rows(farm, COUNTS) == before, "no row, no schema, no byte"
    assert first.rows == SAMPLE_ROWS // 400 * 400
    geometry = sizes.heap_per_row + sizes.toast_per_row
    assert geometry < first.per_row < 4 * (sizes.per_row + 1024), (
        "all of a geometry is in the log, and not much besides"
    )
    assert second.per_row == pytest.approx(first.per_row, rel=0.1), "the same again"
    assert first.spread < 0.5


def test_measuring_the_log_waits_for_nobody_and_holds_nobody_up(farm: str, app_conninfo: str) -> None:
    with psycopg.connect(app_conninfo) as writer:
        writer.execute("INSERT INTO catalogo (nome, tipo) VALUES ('a', 'b')")
        with psycopg.connect(farm, autocommit=True) as connection:
            measure_wal(connection, watch_seconds=0)
        writer.rollback()


def test_two_imports_may_name_their_features_alike(farm: str) -> None:
    with psycopg.connect(farm) as connection:
        connection.execute(
            "WITH made AS (INSERT INTO importacoes (arquivo, digest, formato)"
            " SELECT 'a', repeat(n::text, 64), 'geojson' FROM generate_series(1, 2) AS n RETURNING id)"
            " INSERT INTO catalogo_origem (catalogo_id, importacao_id, feature_id, feature_index)"
            " SELECT entry.id, made.id, '1', 0 FROM (SELECT id, row_number() OVER () AS n FROM made) AS made"
            " JOIN (SELECT id, row_number() OVER () AS n FROM catalogo LIMIT 2) AS entry USING (n)"
        )
    with psycopg.connect(farm, autocommit=True) as connection:
        assert measure_wal(connection, 0.1).per_row > 0


def test_a_plan_is_stored_written_and_compared(farm: str, tmp_path: Path) -> None:
    report = plan(farm, request(tmp_path))
    assert report.baseline.measured
    assert report.baseline.rows_per_year == pytest.approx(365, abs=1)
    stored = rows(
        farm,
        "SELECT scenario, year, growth, rows, heap_bytes, index_bytes, toast_bytes, catalogue_bytes, wal_bytes,"
        " total_bytes, margin_bytes FROM capacity_plan ORDER BY scenario, year",
    )
    assert stored == [
        (
            name,
            year.year,
            GROWTH[name],
            year.rows,
            year.heap,
            year.index,
            year.toast,
            year.catalogue,
            year.wal,
            year.total,
            year.margin,
        )
        for name, years in sorted(report.plan.items())
        for year in years
    ]
    assert {year for _, year, *_ in stored} == set(range(report.made_at.year, 2036))
    status = compare(farm, "local")
    assert [one.scenario for one in status] == ["low", "expected", "high"]
    for one in status:
        assert (one.actual_rows, one.exceeded) == (400, False)
        assert one.rows_error == pytest.approx(0, abs=1e-3)
        assert one.bytes_error == pytest.approx(0, abs=1e-3)
    page = (tmp_path / "capacity.md").read_text(encoding="utf-8")
    for years in report.plan.values():
        assert f"| {years[-1].year} | {years[-1].rows:,} |" in page
    assert "There was no earlier plan" in page
    assert (tmp_path / "images" / "capacity.svg").read_text(encoding="utf-8").startswith("<svg")


def test_a_second_run_replaces_the_plan_and_reports_the_first_ones_error(farm: str, tmp_path: Path) -> None:
    first = plan(farm, request(tmp_path))
    with psycopg.connect(farm) as connection:
        connection.execute(FARM, {"entries": 100})
    second = plan(farm, request(tmp_path, rows_per_year=1000))
    assert second.sizes.rows == 500
    assert [one.made_at for one in second.former] == [first.made_at] * 3
    for one in second.former:
        assert one.rows_error == pytest.approx(500 / 400 - 1, abs=1e-3)
        assert one.projected_rows == 400
    assert rows(farm, "SELECT DISTINCT made_at FROM capacity_plan") == [(second.made_at,)]
    assert rows(farm, "SELECT count(*) FROM capacity_plan") == [(3 * (2036 - second.made_at.year),)]
    page = (tmp_path / "capacity.md").read_text(encoding="utf-8")
    assert "| low | 400 | 500 | +25 % |" in page
    assert "not measured" in page


def test_the_plan_of_the_same_catalogue_is_the_same(farm: str, tmp_path: Path) -> None:
    plans = [plan(farm, request(tmp_path)).plan["high"][-1] for _ in range(2)]
    assert plans[1].rows == pytest.approx(plans[0].rows, rel=1e-3)
    assert plans[1].total == pytest.approx(plans[0].total, rel=1e-3)
    assert plans[1].wal == pytest.approx(plans[0].wal, rel=0.1)


def test_growth_beyond_the_plan_is_seen(farm: str, tmp_path: Path) -> None:
    plan(farm, request(tmp_path))
    with psycopg.connect(farm) as connection:
        connection.execute(FARM, {"entries": 1200})
    assert [one.exceeded for one in compare(farm, "local")] == [True] * 3


def test_an_empty_catalogue_is_refused(owner_conninfo: str, clean: object, tmp_path: Path) -> None:
    with pytest.raises(OpsError) as refusal:
        plan(owner_conninfo, request(tmp_path, rows_per_year=10))
    assert str(refusal.value) == (
        "the catalogue of stack 'local' has no geometries, so there is nothing to measure: "
        "make ingest FILE=farm.geojson loads a file, make sample makes one"
    )
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(OpsError, match="there is no capacity plan for this year: make capacity STACK=other makes one"):
        compare(owner_conninfo, "other")


def test_one_survey_is_no_rate(owner_conninfo: str, clean: object, tmp_path: Path) -> None:
    with psycopg.connect(owner_conninfo) as connection:
        connection.execute(FARM, {"entries": 3})
    with pytest.raises(OpsError, match=r"go back 3 days, and a yearly rate needs 30 or more: .*ROWS_PER_YEAR=3 "):
        plan(owner_conninfo, request(tmp_path))
    assert rows(owner_conninfo, "SELECT count(*) FROM capacity_plan") == [(0,)]


def test_years_that_are_over_are_refused(farm: str, tmp_path: Path) -> None:
    with pytest.raises(OpsError, match="last_year is 2025, which is over: make config"):
        plan(farm, request(tmp_path, last_year=2025))


def test_somebody_who_may_not_write_is_told_so(farm: str, reader_conninfo: str, tmp_path: Path) -> None:
    with pytest.raises(
        OpsError, match=r"PostgreSQL refused it: cannot execute CREATE SCHEMA in a read-only .*; no plan"
    ):
        plan(reader_conninfo, request(tmp_path))


def test_json_has_it_all(farm: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], quiet_console: Console) -> None:
    command.run_plan(farm, request(tmp_path), quiet_console, as_json=True)
    values = json.loads(capsys.readouterr().out)
    assert values["sizes"]["rows"] == 400
    assert values["plan"]["high"][-1]["total"] > values["plan"]["low"][-1]["total"] > values["sizes"]["total"]
    command.run_compare(farm, "local", quiet_console, as_json=True)
    assert [one["scenario"] for one in json.loads(capsys.readouterr().out)] == ["low", "expected", "high"]


@pytest.fixture
def quiet_console() -> Console:
    """A terminal that must stay empty."""
    from rich.console import Console as Terminal  # noqa: PLC0415

    return Terminal(quiet=True)
