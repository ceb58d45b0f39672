"""Which rows a migration rewrites, found in PostgreSQL's own parse tree (pglast is libpg_query).

Conservative: what cannot be known from the text (dynamic SQL, functions of the project) counts as `UNKNOWN`. Bodies of
functions that a file only defines are not run by it, and what it does to a table of its own making rewrites nothing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from pglast import ast, parse_plpgsql, parse_sql
from pglast.enums import AlterTableType, ConstrType, ObjectType, OnConflictAction
from pglast.parser import ParseError
from pglast.visitors import Visitor

if TYPE_CHECKING:
    from collections.abc import Iterator

UNKNOWN: Final = "?"
"""Rows of who knows what."""

_REWRITING: Final = {
    AlterTableType.AT_AlterColumnType,
    AlterTableType.AT_DropColumn,
    AlterTableType.AT_SetExpression,
    AlterTableType.AT_SetAccessMethod,
    AlterTableType.AT_SetTableSpace,
    AlterTableType.AT_SetLogged,
    AlterTableType.AT_SetUnLogged,
}
"""What ALTER TABLE does that rewrites a table or loses some of it."""

_STEADY: Final = {"now", "transaction_timestamp", "statement_timestamp"}
"""Functions that have one value for all rows of a statement: a column with such a default rewrites nothing."""


def rewritten(sql: str) -> set[str]:
    """Tables whose rows the statements of `sql` rewrite or remove; `UNKNOWN` where the text does not say."""
    found, made = set[str](), set[str]()
    raw: Any
    for raw in parse_sql(sql):
        statement = raw.stmt
        if isinstance(statement, ast.CreateStmt):
            relation: Any = statement.relation
            made.add(relation.relname)
        elif isinstance(statement, ast.CreateTableAsStmt):
            into: Any = statement.into
            made.add(into.rel.relname)
        elif not isinstance(statement, ast.CreateFunctionStmt | ast.ViewStmt):
            begin = raw.stmt_location
            text = sql.encode()[begin : begin + raw.stmt_len if raw.stmt_len else None].decode()
            found |= _of(statement, text)
    return found - made


def _of(statement: Any, text: str) -> set[str]:
    if isinstance(statement, ast.DoStmt):
        return _of_block(text)
    looking = _Looking()
    looking(statement)
    # What an index or a constraint computes with changes no row.
    computing = isinstance(statement, ast.IndexStmt | ast.CreateTrigStmt | ast.AlterTableStmt)
    return looking.found - {UNKNOWN} if computing else looking.found


class _Looking(Visitor):
    """Notes what a statement rewrites, wherever in it that stands: `WITH gone AS (DELETE …) …` too."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def _whole(self, _ancestors: Any, node: Any) -> None:
        self.found.add(node.relation.relname if node.relation else UNKNOWN)

    visit_UpdateStmt = visit_DeleteStmt = visit_MergeStmt = visit_ClusterStmt = _whole  # noqa: N815  (pglast's names)

    def visit_InsertStmt(self, _ancestors: Any, node: Any) -> None:  # noqa: N802
        """One that updates what it conflicts with."""
        clause = node.onConflictClause
        if clause and clause.action == OnConflictAction.ONCONFLICT_UPDATE:
            self.found.add(node.relation.relname)

    def visit_TruncateStmt(self, _ancestors: Any, node: Any) -> None:  # noqa: N802
        """One or more tables."""
        self.found |= {one.relname for one in node.relations}

    def visit_VacuumStmt(self, _ancestors: Any, node: Any) -> None:  # noqa: N802
        """VACUUM FULL."""
        if "full" in {option.defname for option in node.options or ()}:
            self.found |= {one.relation.relname for one in node.rels or ()} or {UNKNOWN}

    def visit_DropStmt(self, _ancestors: Any, node: Any) -> None:  # noqa: N802
        """A table with its rows."""
        self.found |= _dropped(node)

    def visit_AlterTableStmt(self, _ancestors: Any, node: Any) -> None:  # noqa: N802
        """Some of its forms."""
        if any(_rewrites(command) for command in node.cmds):
            self.found.add(node.relation.relname)

    def visit_CallStmt(self, _ancestors: Any, _node: Any) -> None:  # noqa: N802
        """A procedure."""
        self.found.add(UNKNOWN)

    def visit_FuncCall(self, _ancestors: Any, node: Any) -> None:  # noqa: N802
        """A function."""
        if _of_the_project(node):
            self.found.add(UNKNOWN)


def _of_the_project(call: Any) -> bool:
    """Whether it may be a function of the project, which may do anything."""
    name = call.funcname[-1].sval
    return not (name.startswith("st_") or name in _BUILTIN)


_BUILTIN: Final = {
    *("array_agg", "coalesce", "concat", "count", "current_database", "format", "generate_series", "length", "lower"),
    *("jsonb_build_object", "make_timestamptz", "max", "min", "now", "string_agg", "sum", "timezone", "to_regclass"),
    *("unnest", "upper", "set_config", "current_setting", "clock_timestamp", "extract", "date_part", "quote_ident"),
}
"""Functions of PostgreSQL that a migration may call without a word; any other has to be declared."""


def _dropped(statement: Any) -> set[str]:
    if statement.removeType == ObjectType.OBJECT_SCHEMA:
        return {UNKNOWN}
    if statement.removeType != ObjectType.OBJECT_TABLE:
        return set()
    return {one[-1].sval for one in statement.objects}


def _rewrites(command: Any) -> bool:
    if command.subtype == AlterTableType.AT_AddColumn:
        return any(_fills(constraint) for constraint in command.def_.constraints or ())
    return command.subtype in _REWRITING


def _fills(constraint: Any) -> bool:
    """Whether a new column has another value in each row that is there, which writes every row anew."""
    if constraint.contype in {ConstrType.CONSTR_GENERATED, ConstrType.CONSTR_IDENTITY}:
        return True
    if constraint.contype != ConstrType.CONSTR_DEFAULT:
        return False
    calls = _Calls()
    calls(constraint.raw_expr)
    return bool(calls.names - _STEADY)


class _Calls(Visitor):
    """Names of the functions that an expression calls."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def visit_FuncCall(self, _ancestors: Any, node: Any) -> None:  # noqa: N802  (pglast's name)
        """A call."""
        self.names.add(node.funcname[-1].sval)


def _of_block(text: str) -> set[str]:
    """What a DO block rewrites: it is run, unlike a function's body."""
    found = set[str]()
    for kind, content in _nodes(json.loads(json.dumps(parse_plpgsql(text)))):
        if kind in {"PLpgSQL_stmt_dynexecute", "PLpgSQL_stmt_dynfors"}:
            found.add(UNKNOWN)
        elif kind == "PLpgSQL_expr":
            found |= _of_query(content["query"])
    return found


def _nodes(tree: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(tree, dict):
        for kind, content in tree.items():
            yield kind, content
            yield from _nodes(content)
    elif isinstance(tree, list):
        for part in tree:
            yield from _nodes(part)


def _of_query(query: str) -> set[str]:
    """A statement of a block, or an expression in it."""
    for text in (query, f"SELECT {query}", f"SELECT {query.partition(':=')[2]}"):
        try:
            statements = parse_sql(text)
        except ParseError:
            continue
        return {table for raw in statements for table in _of(raw.stmt, text)}
    return {UNKNOWN}
