"""The areas and lengths that a file declares, beside what PostGIS computes of what was stored."""

from typing import LiteralString

from app.ingest.report import Comparison, Difference
from app.ingest.store import Connection

MAX_COMPARED = 10_000
"""Geodesic lengths are slow; of a larger import an even sample of this many features is compared."""

_QUERY: LiteralString = """
WITH measured AS MATERIALIZED (
    SELECT
        origin.feature_id,
        entry.nome,
        origin.reparo IS NOT NULL AS repaired,
        (origin.atributos ->> %(key)s)::double precision AS declared,
        CASE WHEN %(area)s THEN held.area_m2 / 1e4
            WHEN st_dimension(part.geom) = 2 THEN st_perimeter(part.geom::geography) / 1e3
            ELSE st_length(part.geom::geography) / 1e3
        END AS computed
    FROM catalogo_origem AS origin
    INNER JOIN catalogo AS entry ON origin.catalogo_id = entry.id
    INNER JOIN catalogo_geometrias_particionada AS part ON origin.catalogo_id = part.catalogo_id
    INNER JOIN catalogo_summary AS held ON origin.catalogo_id = held.catalogo_id
    WHERE origin.importacao_id = %(import_id)s
        AND origin.feature_index %% %(step)s = 0
        AND jsonb_typeof(origin.atributos -> %(key)s) = 'number'
        AND st_dimension(part.geom) >= CASE WHEN %(area)s THEN 2 ELSE 1 END
)
(SELECT measured.*, (SELECT count(*) FROM measured) FROM measured
 ORDER BY abs(computed - declared) DESC, feature_id LIMIT 1)
UNION ALL
(SELECT measured.*, (SELECT count(*) FROM measured) FROM measured
 ORDER BY abs(computed - declared) / nullif(abs(declared), 0) DESC NULLS LAST, feature_id LIMIT 1)
"""


def compare(connection: Connection, import_id: int, stored: int) -> list[Comparison]:
    """Compare area_ha and perimeter_km (a line's length) where the import's features declare them.

    Areas are PostGIS's too, taken from the summary that the fold has just computed.
    """
    step = max(1, -(-stored // MAX_COMPARED))
    found = []
    for key, unit in (("area_ha", "ha"), ("perimeter_km", "km")):
        rows = connection.execute(
            _QUERY, {"key": key, "area": key == "area_ha", "import_id": import_id, "step": step}
        ).fetchall()
        if rows:
            absolute, relative = (
                Difference(feature_id=row[0], name=row[1], repaired=row[2], declared=row[3], computed=row[4])
                for row in rows
            )
            found.append(Comparison(key, unit, rows[0][5], stored, absolute, relative))
    return found
