"""The page of the database: its objects with their comments, asked of a freshly migrated PostgreSQL."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, LiteralString

import psycopg

from components.database import jobs
from components.settings import BackupSchedules, Schedules
from ops.docs.graph import declared
from ops.docs.page import code, head, table
from ops.tools import docker_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    Connection = psycopg.Connection[tuple[Any, ...]]

SOURCE: Final = "`sql/migrations` (comments too, asked of a migrated database) and the jobs that `__main__.py` declares"
_ABOUT: Final = """\
What a database has after all migrations, as its own catalogue tells it. Partitions, one a year, look like their table
and are not listed. How the parts work together: [the database](../guides/database.md), [search](../guides/search.md).
"""
_KINDS: Final = {"p": "Tables", "r": "Tables", "v": "Views", "m": "Materialized views"}

_RELATIONS: LiteralString = """
SELECT c.relkind::text, c.relname::text, obj_description(c.oid, 'pg_class'),
    CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END
FROM pg_class AS c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition
    AND c.relowner = 'mundo_owner'::regrole
ORDER BY position(replace(c.relkind::text, 'p', 'r') IN 'rvm'), c.relname COLLATE "C"
"""
_COLUMNS: LiteralString = """
SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod),
    CASE
        WHEN a.attidentity <> '' THEN 'identity'
        WHEN a.attgenerated <> '' THEN 'generated: ' || pg_get_expr(d.adbin, d.adrelid)
        ELSE pg_get_expr(d.adbin, d.adrelid)
    END,
    a.attnotnull, col_description(c.oid, a.attnum)
FROM pg_attribute AS a
INNER JOIN pg_class AS c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition
    AND c.relowner = 'mundo_owner'::regrole AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY c.relname COLLATE "C", a.attnum
"""
_INDEXES: LiteralString = """
SELECT c.relname::text, i.relname::text, regexp_replace(pg_get_indexdef(i.oid), '^.* USING ', ''), x.indisunique
FROM pg_index AS x
INNER JOIN pg_class AS c ON c.oid = x.indrelid
INNER JOIN pg_class AS i ON i.oid = x.indexrelid
WHERE c.relnamespace = 'public'::regnamespace AND NOT c.relispartition AND c.relowner = 'mundo_owner'::regrole
ORDER BY c.relname COLLATE "C", i.relname COLLATE "C"
"""
_FUNCTIONS: LiteralString = """
SELECT p.proname::text, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), p.prosecdef,
    array(
        SELECT acl.grantee::regrole::text FROM aclexplode(p.proacl) AS acl
        WHERE acl.privilege_type = 'EXECUTE' AND acl.grantee NOT IN (0, p.proowner)
        ORDER BY acl.grantee::regrole::text COLLATE "C"
    ),
    obj_description(p.oid, 'pg_proc'), p.prorettype = 'trigger'::regtype
FROM pg_proc AS p
WHERE p.pronamespace = 'public'::regnamespace AND p.proowner = 'mundo_owner'::regrole
ORDER BY p.proname COLLATE "C", pg_get_function_arguments(p.oid) COLLATE "C"
"""


def text() -> str:
    """The page, from a PostgreSQL of its own that is removed afterwards."""
    from ops.cell import cell  # noqa: PLC0415 - it loads Docker's client, which the other pages do without

    docker_engine.ensure_engine(lambda _: None)
    with cell("docs") as own:
        own.start_postgres()
        return render(own.conninfo("owner"))


def render(conninfo: str) -> str:
    """The page, from the migrated database behind `conninfo`."""
    with psycopg.connect(conninfo) as connection:
        parts = [head("Database reference", SOURCE, _ABOUT), *_relations(connection), *_functions(connection)]
    return "\n".join([*parts, *_jobs()])


def _relations(connection: Connection) -> Iterator[str]:
    columns = _by_first(connection.execute(_COLUMNS).fetchall())
    indexes = _by_first(connection.execute(_INDEXES).fetchall())
    for kind, relations in groupby(connection.execute(_RELATIONS).fetchall(), key=lambda row: _KINDS[row[0]]):
        yield f"## {kind}\n"
        for _, name, comment, partitioned in relations:
            yield f"### {name}\n\n{_sentence(comment)}{f' Partitioned by {partitioned}.' if partitioned else ''}\n"
            yield table(
                ("column", "type", "default", "meaning"),
                (
                    (
                        code(column),
                        type_ if given or kind != "Tables" else f"{type_}, or null",
                        _default(value),
                        meaning,
                    )
                    for column, type_, value, given, meaning in columns[name]
                ),
            )
            if name in indexes:
                yield table(
                    ("index", "on"),
                    ((code(index), f"{code(on)}{', unique' if unique else ''}") for index, on, unique in indexes[name]),
                )


def _functions(connection: Connection) -> Iterator[str]:
    yield "## Functions\n\nThe owner may call all of them; *for* names who else may.\n"
    triggers: list[tuple[str, str]] = []
    rows: list[tuple[str, str, str, str]] = []
    for name, arguments, result, definer, grantees, comment, trigger in connection.execute(_FUNCTIONS):
        if trigger:
            triggers.append((code(name), comment))
        else:
            meaning = f"{comment} (with the owner's rights)" if definer else comment
            rows.append((code(f"{name}({arguments})"), code(result), ", ".join(map(code, grantees)), meaning))
    yield table(("function", "gives", "for", "meaning"), rows)
    yield "## Trigger functions\n"
    yield table(("function", "meaning"), triggers)


def _jobs() -> Iterator[str]:
    graph = declared()
    yield (
        "## Jobs\n\npg_cron runs them, in UTC, with the settings' defaults as here; "
        "[database.schedules and backups.schedules](configuration.md) change when.\n"
    )
    rows = []
    fields = {name.replace("_", "-"): field for name, field in Schedules.model_fields.items()}
    fields |= {jobs.BACKUPS[kind]: field for kind, field in BackupSchedules.model_fields.items()}
    for name, inputs in graph.kind("CronJob").items():
        field = fields[name]
        rows.append((code(name), code(inputs["schedule"]), code(inputs["command"]), field.description or ""))
    for inputs in graph.kind("ScheduledView").values():
        meaning = Schedules.model_fields[jobs.REFRESH].description or ""
        rows.append((code(inputs["job"]), code(inputs["schedule"]), code(inputs["command"]), meaning))
    yield table(("job", "when", "command", "meaning"), rows)


def _by_first(rows: list[tuple[Any, ...]]) -> dict[str, list[tuple[Any, ...]]]:
    """First cell → the others of its rows, in order."""
    return {name: [row[1:] for row in group] for name, group in groupby(rows, key=lambda row: str(row[0]))}


def _type(kind: str, text: str, *, given: bool) -> str:
    """The type; columns of a view are never known to have a value."""
    return text if given or kind != "Tables" else f"{text}, or null"


def _default(value: str | None) -> str:
    return "" if value is None else code(value)


def _sentence(comment: str) -> str:
    return comment if comment.endswith((".", "!", "?")) else f"{comment}."
