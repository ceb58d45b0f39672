"""Applies the plain SQL files of `sql/migrations` with yoyo, one run at a time, each file wholly or not at all.

A file and the note that it was applied are one transaction, so a run killed at any moment can simply be repeated.
Bookkeeping lies in the schema `migrations`, beside what yoyo keeps: the digest of every file as it was applied.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from yoyo import read_migrations
from yoyo.backends.core.postgresql import PostgresqlPsycopgBackend
from yoyo.connections import DatabaseURI

from components.database import rewriting
from components.database.sql_place import failed_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_MIGRATION_TABLE = "_yoyo_migration"
_LOCK_KEY = 0x6D756E646F  # "mundo"
_LOCK_WAIT = "60s"
# With the connection, not by a statement in it: the limits of the role would cut off that one too.
_OPTIONS = "-c lock_timeout=15s -c statement_timeout=0 -c idle_in_transaction_session_timeout=0"
_FILE_NAME = re.compile(r"\d{4}_[a-z0-9_]+\.sql")


class MigrationError(Exception):
    """One line for a person: which file, where in it, what the server said, and what state the schema is in."""


class _Cursor(psycopg.Cursor[Any]):
    """Notes the statement on its error, to find it in its file."""

    def execute(self, query: Any, params: Any = None, **kwargs: Any) -> _Cursor:
        try:
            return super().execute(query, params, **kwargs)
        except psycopg.Error as error:
            error.add_note(str(query))
            raise


class _Backend(PostgresqlPsycopgBackend):  # type: ignore[misc]  # yoyo has no types
    """yoyo's backend, with any libpq connection string, its own schema, and one transaction a file."""

    schema = "migrations"

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        name = str(conninfo_to_dict(conninfo).get("dbname", ""))
        super().__init__(DatabaseURI("postgresql+psycopg", None, None, None, None, name, {}), _MIGRATION_TABLE)

    def connect(self, dburi: DatabaseURI) -> psycopg.Connection[Any]:  # noqa: ARG002  (yoyo's signature)
        """Open yoyo's connection; waiting for a lock is limited, since whatever comes after it would wait too."""
        return psycopg.connect(self._conninfo, autocommit=True, cursor_factory=_Cursor, options=_OPTIONS)

    def apply_file(self, migration: Any, digest: str) -> None:
        """Run a file and note it as applied, in one transaction."""
        with self._in_public(migration, "apply"):
            self.mark_one(migration, log=False)
            self.execute(
                "INSERT INTO migrations.file_digest (id, digest) VALUES (:id, :digest)",
                {"id": migration.id, "digest": digest},
            )

    def rollback_file(self, migration: Any) -> None:
        """Run a file's rollback and forget the file, in one transaction."""
        with self._in_public(migration, "rollback"):
            self.unmark_one(migration, log=False)
            self.execute("DELETE FROM migrations.file_digest WHERE id = :id", {"id": migration.id})

    @contextlib.contextmanager
    def _in_public(self, migration: Any, direction: str) -> Iterator[None]:
        with self.transaction():
            self.execute("SET LOCAL search_path TO public")
            with contextlib.redirect_stdout(io.StringIO()):
                migration.process_steps(self, direction)
            self.execute("SET LOCAL search_path TO migrations")
            self.log_migration(migration, direction)
            yield


def digests(directory: Path) -> dict[str, str]:
    """Name and SHA-256 of every migration of `directory` (rollbacks are not migrations), in the order of application.

    Raises:
        MigrationError: no migrations, a name that does not fit, a number used twice, or a rollback missing.
    """
    files = sorted(path for path in directory.glob("*.sql") if not path.name.endswith(".rollback.sql"))
    if not files:
        raise MigrationError(f"{directory}: no migrations (NNNN_name.sql) found")
    numbers: dict[str, str] = {}
    for path in files:
        if not _FILE_NAME.fullmatch(path.name):
            raise MigrationError(f"{path.name}: a migration is named NNNN_name.sql, in lower case")
        if path.name[:4] in numbers:
            raise MigrationError(f"{path.name}: number {path.name[:4]} is used by {numbers[path.name[:4]]} already")
        if not path.with_suffix(".rollback.sql").is_file():
            raise MigrationError(f"{path.name}: its {path.stem}.rollback.sql is missing")
        numbers[path.name[:4]] = path.name
    return {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def applied(conninfo: str) -> dict[str, str]:
    """Name and digest of the migrations that the database has, in the order of application; changes nothing.

    Raises:
        MigrationError: the database cannot be asked.
    """
    with _connected(conninfo) as connection:
        if not _query(connection, "SELECT to_regclass('migrations.file_digest')")[0][0]:
            return {}
        return dict(_query(connection, "SELECT id, digest FROM migrations.file_digest ORDER BY id"))


def pending(conninfo: str, directory: Path) -> list[str]:
    """Names of the migrations that `apply` would run, in order; changes nothing.

    Raises:
        MigrationError: a file that was applied has changed or is gone, or the database cannot be asked.
    """
    return _pending(digests(directory), applied(conninfo))


def apply(
    conninfo: str,
    directory: Path,
    target: str | None = None,
    progress: Callable[[str], None] | None = None,
    before_rewriting: Callable[[rewriting.Rewriting], None] | None = None,
) -> list[str]:
    """Apply what is pending, in order, and give the names that were applied.

    Args:
        conninfo: libpq connection string of the owner of the schema.
        directory: folder of the migrations.
        target: name of the last migration to apply; all by default.
        progress: called with each name before its file is run.
        before_rewriting: called before the first file where one of them would rewrite rows that are there, so that
            there is a backup of the schema and the data as they were; what it raises stops all of them.

    Raises:
        MigrationError: one line. Everything before the file it names stays applied, that file changed nothing.
    """
    wanted = digests(directory)
    _check_target(target, wanted)
    done: list[str] = []
    with _exclusive(conninfo) as backend:
        present = applied(conninfo)
        names = [name for name in _pending(wanted, present) if target is None or name <= target]
        if before_rewriting:
            _prepare(before_rewriting, rewriting.ahead(backend.connection, directory, names, present))
        migrations = {migration.id: migration for migration in read_migrations(str(directory))}
        for name in names:
            if progress:
                progress(name)
            try:
                backend.apply_file(migrations[name], wanted[name])
            except psycopg.Error as error:
                where = failed_at(directory / f"{name}.sql", error)
                raise MigrationError(f"{where}; this file changed nothing, {_kept(done, names)}") from error
            done.append(name)
    return done


def _prepare(before: Callable[[rewriting.Rewriting], None], wanted: rewriting.Rewriting) -> None:
    if wanted.tables:
        try:
            before(wanted)
        except rewriting.RewritingError as error:
            raise MigrationError(str(error)) from None


def rollback(
    conninfo: str,
    directory: Path,
    to: str | None,
    progress: Callable[[str], None] | None = None,
) -> list[str]:
    """Undo every migration after `to` (all with None), newest first, and give the names that were undone.

    Raises:
        MigrationError: one line. Everything undone before stays undone, the file it names changed nothing.
    """
    wanted = digests(directory)
    _check_target(to, wanted)
    done: list[str] = []
    with _exclusive(conninfo) as backend:
        present = applied(conninfo)
        _pending(wanted, present)
        names = [name for name in reversed(present) if to is None or name > to]
        migrations = {migration.id: migration for migration in read_migrations(str(directory))}
        for name in names:
            if progress:
                progress(name)
            try:
                backend.rollback_file(migrations[name])
            except psycopg.Error as error:
                where = failed_at(directory / f"{name}.rollback.sql", error)
                raise MigrationError(f"{where}; this file changed nothing, undone before it: {len(done)}") from error
            done.append(name)
    return done


def _pending(wanted: dict[str, str], present: dict[str, str]) -> list[str]:
    for name, digest in present.items():
        if name not in wanted:
            raise MigrationError(f"{name}.sql: was applied to the database but is not in the folder; restore the file")
        if wanted[name] != digest:
            raise MigrationError(f"{name}.sql: has changed since it was applied; restore it and write a new migration")
    pending_names = [name for name in wanted if name not in present]
    newest = max(present, default="")
    for name in pending_names:
        if name < newest:
            raise MigrationError(
                f"{name}.sql: {newest}.sql was applied already; give the new migration a higher number"
            )
    return pending_names


def _check_target(target: str | None, wanted: dict[str, str]) -> None:
    if target is not None and target not in wanted:
        raise MigrationError(f"no migration is named {target}; the newest is {max(wanted)}")


def _kept(done: list[str], names: list[str]) -> str:
    before = "nothing was applied before it" if not done else f"{done[0]} to {done[-1]} stay applied"
    return f"{before}, {len(names) - len(done)} to go"


def _query(connection: psycopg.Connection[Any], sql: str, *params: Any) -> list[Any]:
    return connection.execute(sql.encode(), params or None).fetchall()


@contextlib.contextmanager
def _connected(conninfo: str) -> Iterator[psycopg.Connection[Any]]:
    try:
        connection = psycopg.connect(conninfo, autocommit=True, options=_OPTIONS)
    except psycopg.Error as error:
        raise MigrationError(f"the database cannot be reached: {' '.join(str(error).split())}") from error
    with connection:
        yield connection


@contextlib.contextmanager
def _exclusive(conninfo: str) -> Iterator[_Backend]:
    """Hold the lock of all migration runs on a connection of its own, which a killed run loses at once.

    With it held, a row in yoyo's own lock table can only be a dead run's.
    """
    with _connected(conninfo) as guard:
        try:
            _query(
                guard,
                "SELECT set_config('lock_timeout', %s, false)",
                _LOCK_WAIT,
            )
            _query(guard, "SELECT pg_advisory_lock(%s)", _LOCK_KEY)
        except psycopg.errors.LockNotAvailable as error:
            raise MigrationError(f"another migration run holds the database; waited {_LOCK_WAIT}") from error
        try:
            guard.execute("CREATE SCHEMA IF NOT EXISTS migrations")
            guard.execute(
                "CREATE TABLE IF NOT EXISTS migrations.file_digest"
                " (id text PRIMARY KEY, digest text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
            )
            backend = _Backend(conninfo)
        except psycopg.Error as error:
            raise MigrationError(f"the schema cannot be prepared: {' '.join(str(error).split())}") from error
        with backend:
            backend.init_database()
            backend.break_lock()
            backend.ensure_internal_schema_updated()
            yield backend
