"""CQL2 filters of each conformance class, in both languages, beside what Postgres says of the same rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, LiteralString


@dataclass(frozen=True)
class Case:
    """A filter over one of the farm's collections, and the condition that tells the same."""

    collection: str
    text: str
    json: dict[str, Any]
    where: LiteralString


def _p(name: str) -> dict[str, str]:
    return {"property": name}


def _op(op: str, *args: object) -> dict[str, Any]:
    return {"op": op, "args": list(args)}


_YES, _NO = True, False
_SQUARE = [[[-44, -17.21], [-43.985, -17.21], [-43.985, -17.18], [-44, -17.18], [-44, -17.21]]]
_WKT = "POLYGON((-44 -17.21, -43.985 -17.21, -43.985 -17.18, -44 -17.18, -44 -17.21))"
_AREA = {"type": "Polygon", "coordinates": _SQUARE}
_SQL: LiteralString = (
    "ST_GeomFromText('POLYGON((-44 -17.21, -43.985 -17.21, -43.985 -17.18, -44 -17.18, -44 -17.21))', 4326)"
)
_FIRST = {
    "type": "Polygon",
    "coordinates": [[[-44, -17.2], [-43.992, -17.2], [-43.992, -17.19], [-44, -17.19], [-44, -17.2]]],
}
_FIRST_WKT = "POLYGON((-44 -17.2, -43.992 -17.2, -43.992 -17.19, -44 -17.19, -44 -17.2))"


def _space(name: str, collection: str, wkt: str, geojson: dict[str, Any], where: LiteralString) -> Case:
    return Case(collection, f"{name}(geom, {wkt})", _op(name.lower(), _p("geom"), geojson), where)


def _time(name: str, text: str, argument: object, where: LiteralString) -> Case:
    return Case("lines", f"{name}(created_at, {text})", _op(name.lower(), _p("created_at"), argument), where)


_FEBRUARY = (
    "INTERVAL('2026-02-01T00:00:00Z', '2026-02-28T23:59:59Z')",
    {"interval": ["2026-02-01T00:00:00Z", "2026-02-28T23:59:59Z"]},
)
_NOON = ("TIMESTAMP('2026-02-02T12:00:00Z')", {"timestamp": "2026-02-02T12:00:00Z"})

CASES: dict[str, list[Case]] = {
    "basic-cql2": [
        Case("areas", "is_valid = FALSE", _op("=", _p("is_valid"), _NO), "NOT is_valid"),
        Case("areas", "descricao IS NULL", _op("isNull", _p("descricao")), "descricao IS NULL"),
        Case("areas", "NOT (descricao IS NULL)", _op("not", _op("isNull", _p("descricao"))), "descricao IS NOT NULL"),
        Case(
            "areas",
            "descricao <> 'do sul' AND is_valid = TRUE",
            _op("and", _op("<>", _p("descricao"), "do sul"), _op("=", _p("is_valid"), _YES)),
            "descricao <> 'do sul' AND is_valid",
        ),
        Case(
            "areas",
            "descricao = 'do norte' OR NOT is_valid = TRUE",
            _op("or", _op("=", _p("descricao"), "do norte"), _op("not", _op("=", _p("is_valid"), _YES))),
            "descricao = 'do norte' OR NOT is_valid",
        ),
        *(
            Case(
                "lines",
                f"created_at {sign} TIMESTAMP('2026-02-02T12:00:00Z')",
                _op(sign, _p("created_at"), {"timestamp": "2026-02-02T12:00:00Z"}),
                where,
            )
            for sign, where in (
                ("=", "created_at = '2026-02-02T12:00:00Z'"),
                ("<>", "created_at <> '2026-02-02T12:00:00Z'"),
                ("<", "created_at < '2026-02-02T12:00:00Z'"),
                (">", "created_at > '2026-02-02T12:00:00Z'"),
                ("<=", "created_at <= '2026-02-02T12:00:00Z'"),
                (">=", "created_at >= '2026-02-02T12:00:00Z'"),
            )
        ),
        Case(
            "lines",
            "created_at = DATE('2026-02-02')",
            _op("=", _p("created_at"), {"date": "2026-02-02"}),
            "(created_at AT TIME ZONE 'UTC')::date = '2026-02-02'",
        ),
    ],
    "advanced-comparison-operators": [
        Case("lines", "nome LIKE 'Cerca 1_ %'", _op("like", _p("nome"), "Cerca 1_ %"), "nome ~ '^Cerca 1. '"),
        Case(
            "areas",
            "nome LIKE '100\\% pasto\\_%'",
            _op("like", _p("nome"), "100\\% pasto\\_%"),
            "nome ~ '^100. pasto_'",
        ),
        Case(
            "lines",
            "created_at BETWEEN TIMESTAMP('2026-02-02T12:00:00Z') AND TIMESTAMP('2026-02-04T12:00:00Z')",
            _op(
                "between",
                _p("created_at"),
                {"timestamp": "2026-02-02T12:00:00Z"},
                {"timestamp": "2026-02-04T12:00:00Z"},
            ),
            "created_at >= '2026-02-02T12:00:00Z' AND created_at <= '2026-02-04T12:00:00Z'",
        ),
        Case(
            "areas",
            "descricao IN ('x', 'do norte')",
            _op("in", _p("descricao"), ["x", "do norte"]),
            "descricao = 'do norte'",
        ),
        Case(
            "lines", "nome NOT LIKE 'Cerca 1%'", _op("not", _op("like", _p("nome"), "Cerca 1%")), "nome !~ '^Cerca 1'"
        ),
    ],
    "case-insensitive-comparison": [
        Case(
            "areas",
            "CASEI(nome) LIKE CASEI('pastagem SÃO %')",
            _op("like", _op("casei", _p("nome")), _op("casei", "pastagem SÃO %")),
            "nome ~ '^(Pastagem São|PASTAGEM SÃO) '",
        ),
    ],
    "accent-insensitive-comparison": [
        Case(
            "areas",
            "ACCENTI(nome) LIKE ACCENTI('Pastagem Sáo Joâo%')",
            _op("like", _op("accenti", _p("nome")), _op("accenti", "Pastagem Sáo Joâo%")),
            "nome ~ '^Pastagem São João'",
        ),
    ],
    "basic-spatial-functions": [
        _space(
            "S_INTERSECTS",
            "areas",
            "POINT(-43.9999 -17.195)",
            {"type": "Point", "coordinates": [-43.9999, -17.195]},
            "ST_Intersects(ST_MakeValid(geom), ST_Point(-43.9999, -17.195, 4326))",
        ),
        Case(
            "areas",
            "S_INTERSECTS(geom, BBOX(-44, -17.195, -43.97, -17.1))",
            _op("s_intersects", _p("geom"), {"bbox": [-44, -17.195, -43.97, -17.1]}),
            "ST_Intersects(ST_MakeValid(geom), ST_MakeEnvelope(-44, -17.195, -43.97, -17.1, 4326))",
        ),
    ],
    "basic-spatial-functions-plus": [
        _space("S_INTERSECTS", "areas", _WKT, _AREA, "ST_Intersects(ST_MakeValid(geom), " + _SQL + ")"),
        _space(
            "S_INTERSECTS",
            "lines",
            "LINESTRING(-43.9505 -16.97, -43.9205 -16.97)",
            {"type": "LineString", "coordinates": [[-43.9505, -16.97], [-43.9205, -16.97]]},
            "ST_XMin(geom) BETWEEN -43.9505 AND -43.9205",
        ),
        _space(
            "S_INTERSECTS",
            "wells",
            "MULTIPOINT((179 10), (1 1))",
            {"type": "MultiPoint", "coordinates": [[179, 10], [1, 1]]},
            "ST_XMin(geom) = 179",
        ),
    ],
    "spatial-functions": [
        _space("S_DISJOINT", "areas", _WKT, _AREA, "ST_Disjoint(ST_MakeValid(geom), " + _SQL + ")"),
        _space("S_WITHIN", "areas", _WKT, _AREA, "ST_Within(ST_MakeValid(geom), " + _SQL + ")"),
        _space("S_OVERLAPS", "areas", _WKT, _AREA, "ST_Overlaps(ST_MakeValid(geom), " + _SQL + ")"),
        _space(
            "S_CONTAINS",
            "areas",
            "POINT(-43.995 -17.195)",
            {"type": "Point", "coordinates": [-43.995, -17.195]},
            "ST_Contains(ST_MakeValid(geom), ST_Point(-43.995, -17.195, 4326))",
        ),
        _space(
            "S_CROSSES",
            "areas",
            "LINESTRING(-44.1 -17.195, -43.995 -17.195)",
            {"type": "LineString", "coordinates": [[-44.1, -17.195], [-43.995, -17.195]]},
            "ST_XMin(geom) < -43.995",
        ),
        _space(
            "S_TOUCHES",
            "areas",
            "POINT(-44 -17.2)",
            {"type": "Point", "coordinates": [-44, -17.2]},
            "ST_XMin(geom) = -44",
        ),
        _space("S_EQUALS", "areas", _FIRST_WKT, _FIRST, "ST_XMin(geom) = -44"),
        Case(
            "areas",
            f"S_CONTAINS({_WKT}, geom)",
            _op("s_contains", _AREA, _p("geom")),
            "ST_Contains(" + _SQL + ", ST_MakeValid(geom))",
        ),
    ],
    "temporal-functions": [
        _time("T_AFTER", *_NOON, "created_at > '2026-02-02T12:00:00Z'"),
        _time("T_BEFORE", *_NOON, "created_at < '2026-02-02T12:00:00Z'"),
        _time("T_EQUALS", *_NOON, "created_at = '2026-02-02T12:00:00Z'"),
        _time("T_DISJOINT", *_FEBRUARY, "NOT created_at BETWEEN '2026-02-01Z' AND '2026-02-28T23:59:59Z'"),
        _time("T_INTERSECTS", *_FEBRUARY, "created_at BETWEEN '2026-02-01Z' AND '2026-02-28T23:59:59Z'"),
        _time("T_DURING", *_FEBRUARY, "created_at BETWEEN '2026-02-01Z' AND '2026-02-28T23:59:59Z'"),
        _time(
            "T_INTERSECTS",
            "INTERVAL('2026-03-01', '..')",
            {"interval": ["2026-03-01", ".."]},
            "created_at >= '2026-03-01Z'",
        ),
        _time("T_INTERSECTS", "DATE('2026-02-02')", {"date": "2026-02-02"}, "created_at::date = '2026-02-02'"),
        _time(
            "T_STARTS",
            "INTERVAL('2026-02-02T12:00:00Z', '..')",
            {"interval": ["2026-02-02T12:00:00Z", ".."]},
            "created_at = '2026-02-02T12:00:00Z'",
        ),
        _time(
            "T_FINISHES",
            "INTERVAL('..', '2026-02-02T12:00:00Z')",
            {"interval": ["..", "2026-02-02T12:00:00Z"]},
            "created_at = '2026-02-02T12:00:00Z'",
        ),
        _time(
            "T_METBY",
            "INTERVAL('..', '2026-02-02T12:00:00Z')",
            {"interval": ["..", "2026-02-02T12:00:00Z"]},
            "created_at = '2026-02-02T12:00:00Z'",
        ),
        _time(
            "T_MEETS",
            "INTERVAL('2026-02-02T12:00:00Z', '..')",
            {"interval": ["2026-02-02T12:00:00Z", ".."]},
            "created_at = '2026-02-02T12:00:00Z'",
        ),
        # Between two intervals, those of a feature and of the filter, the other way round.
        Case(
            "lines",
            "T_CONTAINS(INTERVAL('2026-02-01', '2026-02-28'), created_at)",
            _op("t_contains", {"interval": ["2026-02-01", "2026-02-28"]}, _p("created_at")),
            "created_at > '2026-02-01Z' AND created_at < '2026-03-01Z'",
        ),
        *(
            Case(
                "lines",
                f"{name}(INTERVAL(created_at, '{end}'), INTERVAL('{low}', '{high}'))",
                _op(name.lower(), {"interval": [_p("created_at"), end]}, {"interval": [low, high]}),
                where,
            )
            for name, end, low, high, where in (
                (
                    "T_OVERLAPS",
                    "2027-01-01T00:00:00Z",
                    "2026-02-02T12:00:00Z",
                    "2028-01-01T00:00:00Z",
                    "created_at < '2026-02-02T12:00:00Z'",
                ),
                (
                    "T_OVERLAPPEDBY",
                    "2028-01-01T00:00:00Z",
                    "2026-02-02T12:00:00Z",
                    "2027-01-01T00:00:00Z",
                    "created_at > '2026-02-02T12:00:00Z'",
                ),
                (
                    "T_STARTEDBY",
                    "2028-01-01T00:00:00Z",
                    "2026-02-02T12:00:00Z",
                    "2027-01-01T00:00:00Z",
                    "created_at = '2026-02-02T12:00:00Z'",
                ),
                (
                    "T_FINISHEDBY",
                    "2028-01-01T00:00:00Z",
                    "2026-02-02T12:00:00Z",
                    "2028-01-01T00:00:00Z",
                    "created_at < '2026-02-02T12:00:00Z'",
                ),
            )
        ),
    ],
    "property-property": [
        Case(
            "wells", "created_at > updated_at", _op(">", _p("created_at"), _p("updated_at")), "created_at > updated_at"
        ),
        Case("areas", "descricao > nome", _op(">", _p("descricao"), _p("nome")), "descricao > nome"),
    ],
}
