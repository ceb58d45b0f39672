"""Fold and refresh after few changes against recomputing both views in full, as Sprint 2 defined them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchmarks import catalogue
from benchmarks.blocks import Arm, Comparison
from benchmarks.context import timed
from benchmarks.report import Figure, Report
from benchmarks.statistics import estimate

if TYPE_CHECKING:
    from benchmarks.context import Context
    from benchmarks.server import Connection

_VIEWS: Final = {
    "bench_full_stats": (
        """
        SELECT
            entry.id, entry.nome, entry.tipo, count(part.id) AS total_geometrias,
            round(100.0 * count(*) FILTER (WHERE st_isvalid(part.geom)) / nullif(count(part.id), 0), 2)
            AS valid_geometry_percent,
            st_astext(st_setsrid(st_extent(part.geom)::geometry, 4326)) AS bounds_wkt,
            coalesce(sum(st_area(part.geom::geography)), 0) AS total_area_m2,
            round(avg(st_npoints(part.geom)), 2) AS avg_points_per_geom,
            min(part.created_at) AS first_created, max(part.updated_at) AS last_updated
        FROM catalogo AS entry
        LEFT JOIN catalogo_geometrias_particionada AS part ON part.catalogo_id = entry.id
        GROUP BY entry.id""",
        (),
    ),
    "bench_full_search": (
        """
        SELECT
            entry.id, entry.nome, entry.descricao, entry.tipo, entry.status, entry.criado_em, entry.atualizado_em,
            setweight(to_tsvector('portuguese', entry.nome), 'A')
            || setweight(to_tsvector('portuguese', entry.tipo), 'B')
            || setweight(to_tsvector('portuguese', coalesce(entry.descricao, '')), 'C') AS search_vector_pt,
            true AS is_active, count(part.id) > 0 AS is_geometric, count(part.id) AS geom_count,
            round(100.0 * count(*) FILTER (WHERE st_isvalid(part.geom)) / nullif(count(part.id), 0), 2)
            AS valid_geometry_pct
        FROM catalogo AS entry
        LEFT JOIN catalogo_geometrias_particionada AS part ON part.catalogo_id = entry.id
        WHERE entry.status = 'ativo'
        GROUP BY entry.id""",
        ("USING gin (search_vector_pt)",),
    ),
}

ABOUT: Final = """\
After a change of one geometry in each of 0.1 % of the entries: `fold_catalogo_changes` and the refresh of both views,
against REFRESH MATERIALIZED VIEW CONCURRENTLY of both views as Sprint 2 defined them: count, ST_IsValid, envelope, area
on the spheroid and points of every geometry, and a text search vector of every entry. Both see the same change each
time; making it is outside the clock.

A full recomputation of all geometries takes minutes, so the pairs are measured on a smaller catalogue of the same
shapes. At full scale what the project does is repeated as often, and the peer is measured once: as the time to create
both of its views, which is less work than a concurrent refresh of them."""


def run(context: Context) -> Report:
    """Measures the pairs, then the full scale."""
    options = context.options
    report = Report(
        name="refresh",
        title="Refresh after few changes",
        about=ABOUT,
        parameters={
            "pairs at": f"{options.pair_geometries} geometries in {options.pair_entries} entries",
            "full scale": f"{options.geometries} geometries in {options.entries} entries",
            "mean vertices of a geometry": round(context.farm.mean_vertices),
        },
    )
    with context.server.connect() as owner:
        catalogue.fill(context, options.pair_entries, options.pair_geometries)
        _create(owner)
        report.comparisons += _pairs(context, owner)
        _drop(owner)
        catalogue.ensure(context, options.entries, options.geometries)
        _full_scale(context, owner, report)
        _drop(owner)
    return report


class _Ours:
    """The project's way; keeps what the fold alone took."""

    def __init__(self, owner: Connection) -> None:
        self._owner = owner
        self.folds: list[float] = []

    def run(self, number: int) -> float:
        """Change, then fold and refresh within the clock."""
        catalogue.change(self._owner, number + 1)
        fold = timed(lambda: catalogue.fold(self._owner))
        if number >= 0:
            self.folds.append(fold)
        return fold + timed(lambda: catalogue.refresh(self._owner))


def _pairs(context: Context, owner: Connection) -> list[Comparison]:
    ours = _Ours(owner)

    def recompute(number: int) -> float:
        catalogue.change(owner, number + 1)
        return timed(lambda: [owner.execute(f"REFRESH MATERIALIZED VIEW CONCURRENTLY {name}") for name in _VIEWS])

    both = context.compare(
        "fold and both refreshes",
        (Arm("fold and refresh", ours.run), Arm("recompute both views", recompute)),
        context.options.refresh_pairs,
        criterion="refresh-ratio",
    )
    alone = Comparison(
        label="fold alone",
        unit="s",
        subject="fold",
        peer=both.peer,
        values=(ours.folds, both.values[1]),
        criterion="fold-ratio",
    )
    return [both, alone]


def _full_scale(context: Context, owner: Connection, report: Report) -> None:
    pairs = context.options.refresh_pairs
    ours = _Ours(owner)
    with context.ui.steps("fold and refresh at full scale", pairs) as advance:
        ours.run(-1)
        totals = []
        for number in range(pairs):
            totals.append(ours.run(number))
            advance(1)
    context.ui.say("recomputing both views in full, once")
    full = _create(owner)
    total, fold = estimate(totals), estimate(ours.folds)
    report.figures += [
        Figure("fold and both refreshes at full scale, median", total.median, "s", "refresh-seconds"),
        Figure("longest of them", max(totals), "s"),
        Figure("fold alone at full scale, median", fold.median, "s"),
        Figure("recomputing both views in full, once", full, "s"),
        Figure("fold and both refreshes by that", total.median / full, "ratio", "refresh-ratio"),
        Figure("fold alone by that", fold.median / full, "ratio", "fold-ratio"),
    ]


def _create(owner: Connection) -> float:
    """Makes the peer's views with their indexes; gives the seconds that computing their rows took."""
    seconds = 0.0
    for name, (query, indexes) in _VIEWS.items():
        statement = f"CREATE MATERIALIZED VIEW {name} AS {query}".encode()
        seconds += timed(lambda text=statement: owner.execute(text))  # type: ignore[misc]  # bound at once
        owner.execute(f"CREATE UNIQUE INDEX ON {name} (id)".encode())
        for index in indexes:
            owner.execute(f"CREATE INDEX ON {name} {index}".encode())
        owner.execute(f"ANALYZE {name}".encode())
    return seconds


def _drop(owner: Connection) -> None:
    for name in _VIEWS:
        owner.execute(f"DROP MATERIALIZED VIEW {name}".encode())
