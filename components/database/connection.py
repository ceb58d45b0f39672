"""How the dynamic providers reach the stack's PostgreSQL: from the stack's configuration alone.

A property of a resource would go stale in state after a rotated password or a moved port; the configuration does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import make_conninfo

from components import settings as stack_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

DATABASE = "mundo"
OWNER = "mundo_owner"
_CONNECT_SECONDS = 10
_LOCK_WAIT = "60s"


class DatabaseUnreachableError(RuntimeError):
    """PostgreSQL does not answer, or refuses the login; the text is one line."""


def owner_conninfo(configuration: Mapping[str, Any], stack: str = "stack") -> str:
    """Connection string of the owner, over the published port.

    Args:
        configuration: the stack's configuration without the project's namespace.
        stack: the stack's name, for error texts.
    """
    settings, secrets = stack_settings.parse(configuration, stack)
    return owner_conninfo_of(settings, secrets)


def owner_conninfo_of(settings: stack_settings.Settings, secrets: stack_settings.Secrets) -> str:
    """Connection string of the owner, from settings that are parsed already."""
    parameters = owner_parameters(settings, secrets)
    return make_conninfo(**parameters, connect_timeout=_CONNECT_SECONDS, application_name="mundo-pulumi")


def owner_parameters(settings: stack_settings.Settings, secrets: stack_settings.Secrets) -> dict[str, Any]:
    """Host, published port, database, user and password of the owner."""
    return {
        "host": settings.network.reachable_address,
        "port": settings.ports.postgres,
        "dbname": DATABASE,
        "user": OWNER,
        "password": secrets.postgresOwnerPassword.get_secret_value(),
    }


def connect(conninfo: str) -> psycopg.Connection[tuple[Any, ...]]:
    """A connection in autocommit mode, whose statements may take as long as they need.

    Raises:
        DatabaseUnreachableError: with the server's or the network's reason, without the password.
    """
    try:
        return psycopg.connect(
            conninfo, autocommit=True, options=f"-c statement_timeout=0 -c lock_timeout={_LOCK_WAIT}"
        )
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        raise DatabaseUnreachableError(f"PostgreSQL cannot be reached: {reason}") from None
