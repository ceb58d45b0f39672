"""A materialized view and its refresh as one Pulumi resource (its import path is frozen, see resources.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
from psycopg import sql
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from components.database import connection
from components.database.resources import DatabaseProvider, changes, read_job, schedule_job, unschedule_job

if TYPE_CHECKING:
    from collections.abc import Mapping

    import psycopg

_KEYS = ("schedule", "command", "active", "content")
POPULATED, EMPTY, MISSING = "populated", "empty", "missing"


class ScheduledViewProvider(DatabaseProvider):
    """The job that refreshes one view, and the view itself: it must be there and hold data."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Schedules the refresh; a job of that name is taken over."""
        self._schedule(props)
        return CreateResult(id_=props["job"], outs=_outs(props))

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Sets the job, and fills a view that holds nothing."""
        self._schedule(news)
        return UpdateResult(outs=_outs(news))

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Another view is another resource."""
        return changes(olds, news, (*_KEYS, "view"), ("job",))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """The job and the view as the server has them; without its job the resource is gone."""
        with connection.connect(self.conninfo) as server:
            job = read_job(server, id_)
            content = _content(server, props["view"])
        if job is None:
            return ReadResult(id_="", outs={}, inputs={})
        actual = {**props, **job, "content": content}
        return ReadResult(id_=id_, outs=actual, inputs=actual)

    def delete(self, id_: str, _props: dict[str, Any]) -> None:
        """Unschedules the refresh; the view belongs to the migrations and stays."""
        with connection.connect(self.conninfo) as server:
            unschedule_job(server, id_)

    def _schedule(self, props: Mapping[str, Any]) -> None:
        view = props["view"]
        with connection.connect(self.conninfo) as server:
            content = _content(server, view)
            if content == MISSING:
                raise RuntimeError(
                    f"materialized view {view} is gone: make it again as its migration does, or restore a backup"
                )
            if content == EMPTY:
                server.execute(sql.SQL("REFRESH MATERIALIZED VIEW {}").format(sql.Identifier("public", view)))
            schedule_job(server, props)


def _content(server: psycopg.Connection[Any], view: str) -> str:
    row = server.execute(
        "SELECT ispopulated FROM pg_matviews WHERE schemaname = 'public' AND matviewname = %s", (view,)
    ).fetchone()
    if row is None:
        return MISSING
    return POPULATED if row[0] else EMPTY


def _outs(props: Mapping[str, Any]) -> dict[str, Any]:
    return {key: props[key] for key in ("view", "job", *_KEYS)}


class ScheduledView(Resource, module="database", name="ScheduledView"):
    """The scheduled refresh of one materialized view of the schema.

    Attributes:
        view: name of the view.
        job: name of its pg_cron job, `refresh-VIEW`.
        schedule: five fields (UTC), or 'N seconds'.
        command: the job's SQL.
        active: whether the job runs.
        content: `populated`, as wanted; `empty` or `missing` where somebody's hand was at work.
    """

    view: pulumi.Output[str]
    job: pulumi.Output[str]
    schedule: pulumi.Output[str]
    command: pulumi.Output[str]
    active: pulumi.Output[bool]
    content: pulumi.Output[str]

    def __init__(
        self, view: str, *, schedule: str, active: bool = True, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        name = f"refresh-{view}"
        props = {
            "view": view,
            "job": name,
            "schedule": schedule,
            "command": f"SELECT refresh_materialized_view('{view}')",
            "active": active,
            "content": POPULATED,
        }
        # Such a refresh used to be a bare CronJob: the same job, taken over, not unscheduled after being scheduled.
        was = pulumi.ResourceOptions(aliases=[pulumi.Alias(type_="pulumi-python:dynamic/database:CronJob")])
        super().__init__(ScheduledViewProvider(), name, props, pulumi.ResourceOptions.merge(opts, was))
