"""The search against plain full text search: GIN and ts_rank."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchmarks import catalogue
from benchmarks.blocks import Arm, Comparison
from benchmarks.context import timed
from benchmarks.criteria import by_key
from benchmarks.report import Figure, Report
from benchmarks.server import value
from benchmarks.statistics import percentile

if TYPE_CHECKING:
    from benchmarks.context import Context
    from benchmarks.server import Connection

_COMMON: Final = ("cerca", "mata", "cerca norte")
_RARE: Final = ("jatobá", "buritizal")
_MISSPELT: Final = ("cerka", "jatobba", "cerka norte")

_CRITERION: Final = by_key("search-common")

_PEER: Final = """
CREATE MATERIALIZED VIEW bench_plain_search AS
SELECT entry.*, catalogo_search_vector(entry.nome, entry.tipo, entry.descricao) AS search_vector_pt
FROM catalogo AS entry
WHERE entry.status = 'ativo'"""
_PLAIN: Final = """
SELECT id, nome, descricao, tipo, status, criado_em, atualizado_em, ts_rank(search_vector_pt, q)
FROM bench_plain_search, catalogo_search_query(%s) AS q
WHERE search_vector_pt @@ q
ORDER BY ts_rank(search_vector_pt, q) DESC
LIMIT 50"""
_OURS: Final = "SELECT * FROM search_catalogo_indexed(%s)"

ABOUT: Final = """\
`search_catalogo_indexed` against `SELECT … WHERE search_vector_pt @@ q ORDER BY ts_rank(search_vector_pt, q) DESC LIMIT
50` on a materialized view with a GIN index, the same vectors and the same query of words. A round is {queries}
searches for the same words; compared are its P95 and its P50. Words are common (in a third of the entries) or rare.
Misspelt words are measured alone: plain search finds nothing for them."""


def run(context: Context) -> Report:
    """Measures each word."""
    options = context.options
    catalogue.ensure(context, options.search_entries, options.search_geometries)
    report = Report(
        name="search",
        title="Search against plain GIN and ts_rank",
        about=ABOUT.format(queries=options.queries),
        parameters={"entries": options.search_entries, "searches of a round": options.queries},
    )
    with context.server.connect() as owner, context.server.connect("app") as app:
        _create(owner)
        for word in (*_COMMON, *_RARE):
            _measure(context, app, report, word)
        for word in _MISSPELT:
            _measure_misspelt(context, app, report, word)
        owner.execute("DROP MATERIALIZED VIEW bench_plain_search")
    return report


def _measure(context: Context, app: Connection, report: Report, word: str) -> None:
    queries = context.options.queries
    # P50 and every time, by side.
    medians: dict[str, list[float]] = {_OURS: [], _PLAIN: []}
    everything: dict[str, list[float]] = {_OURS: [], _PLAIN: []}

    def round_of(query: str, number: int) -> float:
        times = [timed(lambda: app.execute(query.encode(), (word,)).fetchall()) for _ in range(queries)]
        if number >= 0:
            medians[query].append(percentile(times, 0.5))
            everything[query] += times
        return percentile(times, 0.95)

    matches = value(
        app,
        "SELECT count(*) FROM mv_catalogo_search_indexed WHERE search_vector_pt @@ catalogo_search_query(%s)",
        word,
    )
    upper = context.compare(
        f"“{word}” ({matches} matches), P95",
        (
            Arm("search_catalogo_indexed", lambda number: round_of(_OURS, number)),
            Arm("GIN and ts_rank", lambda number: round_of(_PLAIN, number)),
        ),
        context.options.search_pairs,
        criterion=_CRITERION.key if word in _COMMON and _CRITERION.judged_at(context.options.search_entries) else None,
    )
    middle = Comparison(
        label=f"“{word}”, P50",
        unit="s",
        subject=upper.subject,
        peer=upper.peer,
        values=(medians[_OURS], medians[_PLAIN]),
    )
    report.comparisons += [upper, middle]
    report.figures += [
        Figure(f"“{word}”: P95 of all searches, {name}", percentile(everything[query], 0.95), "s")
        for query, name in ((_OURS, upper.subject), (_PLAIN, upper.peer))
    ]


def _measure_misspelt(context: Context, app: Connection, report: Report, word: str) -> None:
    """Figures without a peer.

    Raises:
        RuntimeError: nothing was found, so what was measured is no search by likeness.
    """
    query = _OURS.encode()
    if not app.execute(query, (word,)).fetchall():
        raise RuntimeError(f"search for {word}: nothing was found")
    count = context.options.queries * context.options.search_pairs
    times = [timed(lambda: app.execute(query, (word,)).fetchall()) for _ in range(count)]
    report.figures += [
        Figure(f"“{word}” (misspelt): {name} of all searches, search_catalogo_indexed", percentile(times, share), "s")
        for name, share in (("P50", 0.5), ("P95", 0.95))
    ]


def _create(owner: Connection) -> None:
    owner.execute(_PEER.encode())
    owner.execute("CREATE INDEX ON bench_plain_search USING gin (search_vector_pt)")
    owner.execute("VACUUM ANALYZE bench_plain_search")
    owner.execute("GRANT SELECT ON bench_plain_search TO mundo_app")
