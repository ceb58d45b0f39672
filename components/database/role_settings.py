"""What a role may take, as a Pulumi resource (dynamic provider; its import path is frozen, see resources.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi  # noqa: TC002 - Pulumi reads the annotations of resources at run time
from psycopg import sql
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from components.database import connection
from components.database.resources import DatabaseProvider, changes

if TYPE_CHECKING:
    from collections.abc import Mapping

    import psycopg

_KEYS = ("settings", "connection_limit")
_FOUND = """
SELECT role.rolconnlimit, coalesce(own.setconfig, '{}')
FROM pg_roles AS role
LEFT JOIN pg_db_role_setting AS own ON own.setrole = role.oid AND own.setdatabase = 0
WHERE role.rolname = %s
"""


class RoleSettingsProvider(DatabaseProvider):
    """Parameters and connection limit of a role that exists; other parameters of it are left alone."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Sets everything."""
        self._set(props, ())
        return CreateResult(id_=props["role"], outs=_outs(props))

    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Sets everything and resets what is no longer wanted."""
        self._set(news, sorted(set(olds["settings"]) - set(news["settings"])))
        return UpdateResult(outs=_outs(news))

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Another role is another resource."""
        return changes(olds, news, _KEYS, ("role",))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """The parameters as the server has them; one that was reset by hand is missing."""
        with connection.connect(self.conninfo) as server:
            row = server.execute(_FOUND, (id_,)).fetchone()
        if row is None:
            return ReadResult(id_="", outs={}, inputs={})
        limit, settings = row
        found = dict(one.split("=", 1) for one in settings)
        actual = {
            "role": id_,
            "settings": {key: found[key] for key in props["settings"] if key in found},
            # No limit of its own means that the image sets it (mundo_owner).
            "connection_limit": None if props.get("connection_limit") is None else limit,
        }
        return ReadResult(id_=id_, outs=actual, inputs=actual)

    def delete(self, id_: str, props: dict[str, Any]) -> None:
        """Takes the limits away, where the role is still there."""
        with connection.connect(self.conninfo) as server:
            if server.execute(_FOUND, (id_,)).fetchone() is None:
                return
            unlimited = None if props.get("connection_limit") is None else -1
            _alter(server, id_, unlimited, {}, sorted(props["settings"]))

    def _set(self, props: Mapping[str, Any], reset: tuple[str, ...] | list[str]) -> None:
        with connection.connect(self.conninfo) as server, server.transaction():
            _alter(server, props["role"], props.get("connection_limit"), props["settings"], reset)


def _alter(
    server: psycopg.Connection[Any],
    role: str,
    limit: int | None,
    settings: Mapping[str, str],
    reset: tuple[str, ...] | list[str],
) -> None:
    name = sql.Identifier(role)
    if limit is not None:
        server.execute(sql.SQL("ALTER ROLE {} CONNECTION LIMIT {}").format(name, sql.Literal(int(limit))))
    for key in reset:
        server.execute(sql.SQL("ALTER ROLE {} RESET {}").format(name, sql.Identifier(key)))
    for key, value in settings.items():
        statement = sql.SQL("ALTER ROLE {} SET {} = {}")
        server.execute(statement.format(name, sql.Identifier(key), sql.Literal(value)))


def _outs(props: Mapping[str, Any]) -> dict[str, Any]:
    return {key: props.get(key) for key in ("role", *_KEYS)}


class RoleSettings(Resource, module="database", name="RoleSettings"):
    """Parameters (`ALTER ROLE … SET`) and connection limit of a role.

    They hold for sessions that begin afterwards.

    Attributes:
        role: name of the role.
        settings: parameter → value, as text.
        connection_limit: connections it may hold at once; none where this resource does not set it.
    """

    role: pulumi.Output[str]
    settings: pulumi.Output[dict[str, str]]
    connection_limit: pulumi.Output[int | None]

    def __init__(
        self,
        role: str,
        *,
        settings: Mapping[str, str],
        connection_limit: int | None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {"role": role, "settings": dict(settings), "connection_limit": connection_limit}
        super().__init__(RoleSettingsProvider(), role, props, opts)
