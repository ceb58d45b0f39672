"""Database objects as Pulumi resources: migrations and cron jobs (dynamic providers over psycopg).

State holds these provider classes by their import path: a moved or renamed class breaks `refresh` and `destroy` of
every stack that exists. `diff` compares state with what is wanted and never asks the database; `read` asks it, and says
"gone" (an empty id) only after a query that succeeded: a server that cannot be reached raises.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pulumi  # noqa: TC002 - Pulumi reads the annotations of resources at run time
from pulumi.dynamic import (
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)

from components import settings as stack_settings
from components.database import connection, migrate, rewriting

if TYPE_CHECKING:
    from collections.abc import Mapping

    import psycopg

MIGRATIONS = Path(__file__).resolve().parents[2] / "sql" / "migrations"
SAID = "database: "
"""Begins every line that a provider says."""


class DatabaseProvider(ResourceProvider):
    """Base of the providers: the connection, from the stack's configuration."""

    _raw: dict[str, Any] | None = None

    def configure(self, req: ConfigureRequest) -> None:
        """Keeps the stack's configuration; nothing is opened before it is needed."""
        keys = [*stack_settings.Settings.model_fields, *stack_settings.SECRETS, *stack_settings.OPTIONAL_SECRETS]
        values = {key: req.config.get(f"{stack_settings.PROJECT}:{key}") for key in keys}
        self._raw = {key: value for key, value in values.items() if value is not None}

    @property
    def conninfo(self) -> str:
        """Connection string of the owner."""
        return connection.owner_conninfo(self._raw or {})

    @property
    def settings(self) -> stack_settings.Settings:
        """The stack's settings."""
        return stack_settings.parse(self._raw or {}, "stack")[0]


def changes(
    olds: Mapping[str, Any], news: Mapping[str, Any], keys: tuple[str, ...], replacing: tuple[str, ...] = ()
) -> DiffResult:
    """The difference in `keys`, and which of them force a replacement."""
    changed = [key for key in (*keys, *replacing) if olds.get(key) != news.get(key)]
    return DiffResult(
        changes=bool(changed),
        replaces=[key for key in changed if key in replacing],
        stables=[key for key in (*keys, *replacing) if key not in changed],
        delete_before_replace=True,
    )


def say(text: str) -> None:
    """A line for whoever waits: what a provider prints, the engine shows, and `ops` picks out by how it begins."""
    print(f"{SAID}{text}", flush=True)  # noqa: T201 - the way of a provider


class MigrationsProvider(DatabaseProvider):
    """Applies the numbered files that are not applied yet; deleting the resource undoes nothing.

    A backup comes before the first of them where one would rewrite rows that are there.
    """

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Applies everything that is pending."""
        self._apply()
        return CreateResult(id_="migrations", outs={"files": props["files"]})

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Applies what has come since."""
        self._apply()
        return UpdateResult(outs={"files": news["files"]})

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """A new or changed file is a difference."""
        return changes(olds, news, ("files",))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """What the database has applied, with the digests it was applied from."""
        with connection.connect(self.conninfo):
            pass
        actual = {"files": migrate.applied(self.conninfo)}
        return ReadResult(id_=id_, outs={**props, **actual}, inputs={**props, **actual})

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Leaves the schema: it goes with the data volume, never before it."""

    def _apply(self) -> None:
        try:
            safeguard = rewriting.Safeguard(conninfo=self.conninfo, settings=self.settings.backups, say=say)
            migrate.apply(self.conninfo, MIGRATIONS, before_rewriting=safeguard)
        except migrate.MigrationError as error:
            raise RuntimeError(str(error)) from None


class Migrations(Resource, module="database", name="Migrations"):
    """The schema: every file of `sql/migrations`, applied in order.

    Attributes:
        files: name of each migration → digest of its file.
    """

    files: pulumi.Output[dict[str, str]]

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(MigrationsProvider(), name, {"files": migrate.digests(MIGRATIONS)}, opts)


JOB_KEYS = ("schedule", "command", "active")


class CronJobProvider(DatabaseProvider):
    """A pg_cron job, found by its name."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Schedules the job; one of that name is taken over."""
        self._schedule(props)
        return CreateResult(id_=props["job"], outs=_job(props))

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Sets schedule, command and whether it is active."""
        self._schedule(news)
        return UpdateResult(outs=_job(news))

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Another name is another job."""
        return changes(olds, news, JOB_KEYS, ("job",))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """The job as the server has it."""
        with connection.connect(self.conninfo) as server:
            actual = read_job(server, id_)
        if actual is None:
            return ReadResult(id_="", outs={}, inputs={})
        return ReadResult(id_=id_, outs={**props, **actual}, inputs={**props, **actual})

    def delete(self, id_: str, _props: dict[str, Any]) -> None:
        """Unschedules the job, if it is still there."""
        with connection.connect(self.conninfo) as server:
            unschedule_job(server, id_)

    def _schedule(self, props: Mapping[str, Any]) -> None:
        with connection.connect(self.conninfo) as server:
            schedule_job(server, props)


def read_job(server: psycopg.Connection[Any], name: str) -> dict[str, Any] | None:
    """Name, schedule, command and whether it is active of the owner's job called `name`; None where there is none."""
    row = server.execute(
        "SELECT schedule, command, active FROM cron.job WHERE jobname = %s AND username = current_user", (name,)
    ).fetchone()
    return None if row is None else {"job": name, **dict(zip(JOB_KEYS, row, strict=True))}


def schedule_job(server: psycopg.Connection[Any], props: Mapping[str, Any]) -> None:
    """Makes the job, or sets the one of that name, wholly or not at all; notes when, to know a job that never ran."""
    with server.transaction():
        row = server.execute(
            "SELECT cron.schedule(%s, %s, %s)", (props["job"], props["schedule"], props["command"])
        ).fetchone()
        server.execute("SELECT cron.alter_job(job_id := %s, active := %s)", (row[0] if row else None, props["active"]))
        server.execute(
            "INSERT INTO cron_job_scheduled (job_name) VALUES (%s)"
            " ON CONFLICT (job_name) DO UPDATE SET scheduled_at = now()",
            (props["job"],),
        )


def unschedule_job(server: psycopg.Connection[Any], name: str) -> None:
    """Takes the owner's job called `name` away, if it is still there."""
    with server.transaction():
        server.execute(
            "SELECT cron.unschedule(jobid) FROM cron.job WHERE jobname = %s AND username = current_user", (name,)
        )
        server.execute("DELETE FROM cron_job_scheduled WHERE job_name = %s", (name,))


def _job(props: Mapping[str, Any]) -> dict[str, Any]:
    return {key: props[key] for key in ("job", "schedule", "command", "active")}


class CronJob(Resource, module="database", name="CronJob"):
    """A pg_cron job: schedule (five fields, UTC, or 'N seconds'), command (SQL) and whether it is active."""

    job: pulumi.Output[str]
    schedule: pulumi.Output[str]
    command: pulumi.Output[str]
    active: pulumi.Output[bool]

    def __init__(
        self, name: str, *, schedule: str, command: str, active: bool = True, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        props = {"job": name, "schedule": schedule, "command": command, "active": active}
        super().__init__(CronJobProvider(), name, props, opts)
