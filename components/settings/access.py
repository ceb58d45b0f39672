"""Logins of people and tools."""

from __future__ import annotations

from pydantic import Field

from components.settings.base import Concern


class Login(Concern):
    """A person's or tool's read-only login; its password is the secret `accessPasswords` under the same name."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,30}$", description="login name")
    connection_limit: int = Field(default=3, ge=1, le=50, description="connections it may hold at once")


class AccessSettings(Concern):
    """Logins and grants of people and tools, through pulumi-postgresql."""

    enabled: bool = Field(default=False, description="whether they are managed; needs the postgresql plugin")
    readers: tuple[Login, ...] = Field(default=(), description="read-only logins")
