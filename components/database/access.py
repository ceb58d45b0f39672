"""Logins and grants of people and tools, through pulumi-postgresql (setting `access`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_postgresql as postgresql

from components.database import connection

if TYPE_CHECKING:
    from components.context import StackContext
    from components.database.postgres import Postgres

GROUP = "mundo_people"
"""The role that holds the grants; every login is a member and has none of its own."""

_SCHEMA = "public"


class Access(pulumi.ComponentResource):
    """Read-only logins.

    Promises that a login of the settings reads every table and view, also those of later migrations, and writes none;
    that it holds at most its connections, and no statement of it runs for longer than one of
    mundo_reader may; and that a login taken out of
    the settings is gone after one `up`.

    Attributes:
        logins: name → role of each login.
    """

    logins: dict[str, postgresql.Role]

    def __init__(self, context: StackContext, postgres: Postgres, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mundo:database:Access", "access", None, opts)
        provider = _provider(context, self)
        # With the data volume, as everything in the database: `destroy` then works with a dead server.
        inside = pulumi.ResourceOptions(
            parent=self, provider=provider, depends_on=[postgres.ready], deleted_with=postgres.volume
        )
        group = postgresql.Role("people", name=GROUP, login=False, skip_reassign_owned=True, opts=inside)
        grants: list[pulumi.Resource] = [
            postgresql.Grant(
                f"people-{object_type}",
                database=connection.DATABASE,
                schema=None if object_type == "database" else _SCHEMA,
                object_type=object_type,
                privileges=[privilege],
                role=group.name,
                opts=inside,
            )
            for object_type, privilege in (("database", "CONNECT"), ("schema", "USAGE"), ("table", "SELECT"))
        ]
        grants.append(
            postgresql.DefaultPrivileges(
                "people-later-tables",
                database=connection.DATABASE,
                schema=_SCHEMA,
                owner=connection.OWNER,
                object_type="table",
                privileges=["SELECT"],
                role=group.name,
                opts=inside,
            )
        )
        limits = context.settings.database.roles.reader
        self.logins = {
            login.name: postgresql.Role(
                f"login-{login.name}",
                name=login.name,
                login=True,
                password=context.secrets.access_password(login.name),
                connection_limit=login.connection_limit,
                roles=[group.name],
                statement_timeout=limits.statement_timeout_ms,
                idle_in_transaction_session_timeout=limits.idle_in_transaction_timeout_ms,
                skip_reassign_owned=True,
                opts=pulumi.ResourceOptions.merge(inside, pulumi.ResourceOptions(depends_on=grants)),
            )
            for login in context.settings.access.readers
        }
        self.register_outputs({"logins": sorted(self.logins)})


def _provider(context: StackContext, parent: pulumi.Resource) -> postgresql.Provider:
    owner = connection.owner_parameters(context.settings, context.secrets)
    return postgresql.Provider(
        "postgresql",
        host=str(owner["host"]),
        port=int(owner["port"]),
        database=connection.DATABASE,
        username=connection.OWNER,
        password=pulumi.Output.secret(str(owner["password"])),
        sslmode="disable",  # loopback or the host's own bridge
        superuser=False,
        max_connections=4,
        opts=pulumi.ResourceOptions(parent=parent),
    )
