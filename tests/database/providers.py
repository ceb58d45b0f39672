"""The dynamic providers as the engine drives them: configured from a stack's settings, then called."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, TypeVar

from psycopg.conninfo import conninfo_to_dict
from pulumi.dynamic import Config, ConfigureRequest

from components.settings import PROJECT, SECRETS

if TYPE_CHECKING:
    from components.database.resources import DatabaseProvider
    from tests.database.server import Server

P = TypeVar("P", bound="DatabaseProvider")


def configured(kind: type[P], server: Server) -> P:
    """A provider whose stack is `server`."""
    login = conninfo_to_dict(server.conninfo("owner"))
    raw: dict[str, Any] = {f"{PROJECT}:{key}": secrets.token_urlsafe(12) for key in SECRETS}
    raw[f"{PROJECT}:postgresOwnerPassword"] = login["password"]
    raw[f"{PROJECT}:ports"] = f'{{"postgres": {login["port"]}}}'
    provider = kind()
    provider.configure(ConfigureRequest(Config(raw, PROJECT)))
    return provider
