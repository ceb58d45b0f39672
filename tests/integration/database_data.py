"""A database in which every metric of `components/database/metrics.py` has something to count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from tests.integration.redis_group import eventually

if TYPE_CHECKING:
    from ops.cell import Cell

TRACEABLE = 150
"""Geometries that lead back to the one import."""

UNTRACEABLE = 2
"""Geometries that somebody wrote by hand."""

PLAN = """
INSERT INTO capacity_plan (
    scenario, year, growth, starts_at, start_rows, start_bytes, rows, heap_bytes, index_bytes, toast_bytes,
    catalogue_bytes, wal_bytes
) VALUES ('high', extract(YEAR FROM now() AT TIME ZONE 'UTC'), 0.5, now(), 0, 0, 1, 1000000000, 0, 0, 0, 0)
"""
_DATA = f"""
INSERT INTO importacoes (id, arquivo, digest, formato, iniciada_em, concluida_em, lidas, armazenadas, rejeitadas)
VALUES (1, 'fazenda.json', repeat('a', 64), 'json', now() - interval '2 s', now(), {TRACEABLE}, {TRACEABLE}, 0);
INSERT INTO catalogo (id, nome, tipo)
SELECT n, 'segredo da fazenda ' || n, 'talhão' FROM generate_series(1, {TRACEABLE + UNTRACEABLE}) AS n;
INSERT INTO catalogo_origem (catalogo_id, importacao_id, feature_id, feature_index)
SELECT n, 1, n::text, n - 1 FROM generate_series(1, {TRACEABLE}) AS n;
INSERT INTO catalogo_geometrias_particionada (catalogo_id, geom, created_at)
SELECT n, st_geomfromtext('MULTIPOINT((0 0))', 4326), '2026-06-15'
FROM generate_series(1, {TRACEABLE + UNTRACEABLE}) AS n;
INSERT INTO importacao_tarefas (arquivo, bytes, digest, pasta, requisicao)
VALUES ('fazenda.json', 10, repeat('a', 64), repeat('b', 32), 'r-1');
SELECT fold_catalogo_changes(NULL, true);
SELECT refresh_all_materialized_views();
{PLAN};
SELECT cron.schedule('heartbeat', '1 second', 'SELECT heartbeat()');
SELECT cron.schedule('test-failing', '1 second', 'SELECT 1 / 0');
"""  # noqa: S608 - numbers of this file


def fill(cell: Cell) -> None:
    """Puts it in, and waits until each job has run."""
    with psycopg.connect(cell.conninfo("owner"), autocommit=True) as owner:
        owner.execute(_DATA.encode())

        def ran() -> None:
            jobs: dict[str, str] = dict(owner.execute("SELECT job_name, last_status FROM v_cron_jobs").fetchall())
            assert jobs == {"heartbeat": "succeeded", "test-failing": "failed"}

        eventually(ran)
