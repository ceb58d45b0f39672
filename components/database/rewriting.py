"""Migrations that rewrite data: which do, and what must be there before they may.

A migration says so itself, among the comments at its beginning: `-- rewrites: TABLE, TABLE`. It is about rows that were
stored before, so one that only makes, fills or renames what is its own has no such line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg import sql

from components.database import backup_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from components.settings import BackupSettings

_DECLARED: Final = re.compile(r"-- rewrites: ([a-z0-9_]+(?:, [a-z0-9_]+)*)")
OWN_KIND_SINCE: Final = "0131_backup_before_migration"
"""The migration since which the database knows backups that a migration asks for as a kind of their own."""


class RewritingError(Exception):
    """Why nothing may be rewritten now, and what helps; one line."""


@dataclass(frozen=True, kw_only=True)
class Rewriting:
    """What pending migrations would rewrite.

    Attributes:
        tables: name of each such migration → those of its tables that hold rows now; in the order of application.
        applied: names of the migrations that the database has.
    """

    tables: Mapping[str, tuple[str, ...]]
    applied: frozenset[str]

    @property
    def text(self) -> str:
        """For a person."""
        parts = [f"{name} rewrites {', '.join(tables)}" for name, tables in self.tables.items()]
        return "; ".join(parts)


def declared(path: Path) -> tuple[str, ...]:
    """The tables that a migration says to rewrite."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("--"):
            break
        if found := _DECLARED.fullmatch(line):
            return tuple(found[1].split(", "))
    return ()


def ahead(
    connection: psycopg.Connection[Any], directory: Path, names: Iterable[str], applied: Iterable[str]
) -> Rewriting:
    """What the migrations `names` would rewrite. A table that is not there yet, or is empty, loses nothing."""
    tables = {}
    for name in names:
        if holding := tuple(one for one in declared(directory / f"{name}.sql") if _holds_rows(connection, one)):
            tables[name] = holding
    return Rewriting(tables=tables, applied=frozenset(applied))


def _holds_rows(connection: psycopg.Connection[Any], table: str) -> bool:
    name = sql.Identifier("public", table)
    if connection.execute("SELECT to_regclass(%s)", (name.as_string(connection),)).fetchone() == (None,):
        return False
    row = connection.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(name)).fetchone()
    return row == (True,)


@dataclass(frozen=True, kw_only=True)
class Safeguard:
    """Sees to a backup before data are rewritten.

    Where the stack keeps none, there is no way back, and only its operator can know whether a copy was made otherwise:
    so it is refused until they say so, for the migrations that they know of and for no later one.

    Attributes:
        conninfo: connection string of the owner of the schema.
        settings: the stack's.
        say: told what is waited for.
    """

    conninfo: str
    settings: BackupSettings
    say: Callable[[str], None]

    def __call__(self, wanted: Rewriting) -> None:
        """Returns when the migrations may go on.

        Raises:
            RewritingError: they may not.
        """
        newest = max(wanted.tables)
        if not self.settings.enabled:
            if newest > (self.settings.rewrite_without or ""):
                raise RewritingError(
                    f"{wanted.text}, and this stack keeps no backups (backups.enabled): nothing was changed; when you"
                    f" have a copy of your own, make config SET=backups.rewrite_without={newest} says so"
                )
            self.say(f"{wanted.text}, without a backup: backups.rewrite_without allows it")
            return
        kind = "migration" if OWN_KIND_SINCE in wanted.applied else "incr"
        self.say(f"{wanted.text}: a backup comes first")
        try:
            ended = backup_request.wait_for(
                self.conninfo, kind, self.say, longest_seconds=self.settings.migration_wait_minutes * 60
            )
        except backup_request.RequestError as error:
            raise RewritingError(f"{error}; {wanted.text}, so nothing was changed") from None
        self.say(f"backup {ended.label} is made, in {ended.seconds or 0:.1f} s")
