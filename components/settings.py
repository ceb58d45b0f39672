"""Settings of a stack: one pydantic model per concern, read here and nowhere else.

Every key lives in the stack's settings file under the project's namespace (`mundo:network`, `mundo:postgres`, …).
What a file leaves out has the default written here; what it has too much or wrong is refused with one line that names
the key, the value and what is allowed. The same models give the JSON schema (`json_schema`).
"""

from __future__ import annotations

import json
import re
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator

if TYPE_CHECKING:
    from collections.abc import Mapping

PROJECT = "mundo"
"""Pulumi project name, which is also the namespace of the settings and the prefix of every container."""

STACK_NAME = re.compile(r"[a-z][a-z0-9-]{0,24}")
"""What a stack may be called: its name becomes part of container, volume and network names."""

Port = Annotated[int, Field(ge=1024, le=65535)]
MegaBytes = Annotated[int, Field(ge=16, le=1_048_576)]
Cpus = Annotated[float, Field(ge=0.1, le=256, multiple_of=0.1)]
CronSchedule = Annotated[
    str,
    Field(
        pattern=r"^(\S+ \S+ \S+ \S+ \S+|([1-5]?\d) seconds?)$",
        description="cron expression of five fields (UTC), or 'N seconds' with N from 1 to 59",
    ),
]


class SettingsError(ValueError):
    """A setting is unknown, missing or wrong; the text is one line for the operator."""


class _Concern(BaseModel):
    """Base of every settings model: immutable, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class NetworkSettings(_Concern):
    """The stack's Docker network and where its ports are published."""

    subnet: IPv4Network = Field(
        default=IPv4Network("172.30.77.0/24"), description="subnet of the stack's network, /25 or larger, its own"
    )
    bind_address: IPv4Address = Field(
        default=IPv4Address("127.0.0.1"), description="host address that ports are published on"
    )

    @property
    def reachable_address(self) -> str:
        """Where programs of this machine reach a published port."""
        return "127.0.0.1" if self.bind_address.is_unspecified else str(self.bind_address)

    @field_validator("subnet")
    @classmethod
    def _room_for_every_service(cls, subnet: IPv4Network) -> IPv4Network:
        if subnet.prefixlen > 25 or not subnet.is_private:  # noqa: PLR2004
            raise ValueError("must be a private subnet of /25 or larger, such as 172.30.77.0/24")
        return subnet


class PortsSettings(_Concern):
    """Ports published on the host, all different."""

    app: Port = Field(default=8080, description="catalogue API and page")
    postgres: Port = Field(default=15432, description="PostgreSQL, for migrations, ingest and SQL clients")
    prometheus: Port = Field(default=9090, description="Prometheus")
    alertmanager: Port = Field(default=9093, description="Alertmanager")
    grafana: Port = Field(default=3000, description="Grafana, where it is on")

    @model_validator(mode="after")
    def _all_different(self) -> Self:
        by_port: dict[int, str] = {}
        for name, port in self:
            if port in by_port:
                raise ValueError(f"'{by_port[port]}' and '{name}' both want port {port}; each needs its own")
            by_port[port] = name
        return self


class PostgresSettings(_Concern):
    """PostgreSQL: its size and its standing jobs."""

    memory_mb: MegaBytes = Field(default=1536, description="memory limit of the container, MiB")
    cpus: Cpus = Field(default=2.0, description="CPU limit of the container")
    shm_size_mb: MegaBytes = Field(default=256, description="size of /dev/shm, MiB (parallel queries need it)")
    max_connections: int = Field(default=60, ge=20, le=1000, description="connections the server accepts")
    shared_buffers_mb: MegaBytes = Field(default=384, description="shared_buffers, MiB")
    work_mem_mb: int = Field(default=8, ge=1, le=4096, description="work_mem, MiB")
    max_wal_size_mb: MegaBytes = Field(default=1024, description="max_wal_size, MiB")
    years_ahead: int = Field(default=9, ge=1, le=50, description="whole years of partitions kept ahead of the clock")
    maintenance_schedule: CronSchedule = Field(default="15 3 * * *", description="when partitions are maintained")
    refresh_schedule: CronSchedule = Field(default="0 * * * *", description="when the materialized views are refreshed")


class RedisSettings(_Concern):
    """Redis and its Sentinels."""

    memory_mb: MegaBytes = Field(default=768, description="memory limit of each server's container, MiB")
    cpus: Cpus = Field(default=1.0, description="CPU limit of each server's container (Sentinels have none)")
    maxmemory_mb: MegaBytes = Field(default=512, description="maxmemory of each server, MiB")
    down_after_ms: int = Field(default=500, ge=100, le=60_000, description="silence before a server counts as down, ms")
    failover_timeout_ms: int = Field(default=10_000, ge=1000, le=600_000, description="limit of one failover, ms")


class MonitoringSettings(_Concern):
    """Prometheus, Alertmanager and the exporters."""

    memory_mb: MegaBytes = Field(default=512, description="memory limit of Prometheus, MiB")
    retention_days: int = Field(default=15, ge=1, le=3650, description="days of metrics kept")
    scrape_interval_seconds: int = Field(default=15, ge=1, le=300, description="seconds between two scrapes")
    webhook_url: str | None = Field(
        default=None, pattern=r"^https?://", description="where alerts are posted; none: they stay in Alertmanager"
    )


class CatalogSettings(_Concern):
    """The catalogue app."""

    memory_mb: MegaBytes = Field(default=512, description="memory limit of the container, MiB")
    cpus: Cpus = Field(default=2.0, description="CPU limit of the container")
    db_pool_size: int = Field(default=8, ge=1, le=100, description="connections of the app's pool to PostgreSQL")


class GrafanaSettings(_Concern):
    """Grafana (official image) with its folder, data source and dashboards, through pulumi-grafana."""

    enabled: bool = Field(default=False, description="whether Grafana runs; needs an image registry and the plugin")
    image: str = Field(
        default="grafana/grafana-oss:12.3.0", description="pinned image", pattern=r"^[^:@ ]+(:|@sha256:)\S+$"
    )
    memory_mb: MegaBytes = Field(default=512, description="memory limit of the container, MiB")


class Login(_Concern):
    """A person's or tool's read-only login; its password is the secret `accessPasswords` under the same name."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,30}$", description="login name")
    connection_limit: int = Field(default=3, ge=1, le=50, description="connections it may hold at once")


class AccessSettings(_Concern):
    """Logins and grants of people and tools, through pulumi-postgresql."""

    enabled: bool = Field(default=False, description="whether they are managed; needs the postgresql plugin")
    readers: tuple[Login, ...] = Field(default=(), description="read-only logins")


SECRETS: dict[str, str] = {
    "postgresOwnerPassword": "PostgreSQL role mundo_owner: migrations, jobs, ingest",
    "postgresAppPassword": "PostgreSQL role mundo_app: the catalogue app",
    "postgresExporterPassword": "PostgreSQL role mundo_exporter: metrics",
    "postgresReaderPassword": "PostgreSQL role mundo_reader: people and tools that only read",
    "redisPassword": "Redis and Sentinel",
    "grafanaAdminPassword": "Grafana's administrator",
}
"""Secret settings, each with what it opens. They are Pulumi secrets; no default exists for any."""

OPTIONAL_SECRETS: dict[str, str] = {"accessPasswords": "login of access.readers → its password"}
"""Secret settings that a stack may leave out."""

_SECRET_MINIMUM = 12


class Secrets(_Concern):
    """The stack's secrets; `SecretStr`, so none lands in a log or an error by accident."""

    postgresOwnerPassword: SecretStr  # noqa: N815 - the key as it stands in the settings file
    postgresAppPassword: SecretStr  # noqa: N815
    postgresExporterPassword: SecretStr  # noqa: N815
    postgresReaderPassword: SecretStr  # noqa: N815
    redisPassword: SecretStr  # noqa: N815
    grafanaAdminPassword: SecretStr  # noqa: N815
    accessPasswords: dict[str, SecretStr] = {}  # noqa: N815

    def access_password(self, login: str) -> str:
        """Password of a login of `access.readers`."""
        return self.accessPasswords[login].get_secret_value()

    @field_validator("*")
    @classmethod
    def _not_a_default(cls, value: SecretStr | dict[str, SecretStr]) -> SecretStr | dict[str, SecretStr]:
        if isinstance(value, dict):
            for member in value.values():
                cls._not_a_default(member)
            return value
        text = value.get_secret_value()
        if len(text) < _SECRET_MINIMUM or not re.fullmatch(r"[\x21-\x7e]+", text) or len(set(text)) <= 4:  # noqa: PLR2004
            raise ValueError(
                f"a secret has at least {_SECRET_MINIMUM} printable characters without spaces, "
                "and is neither a default nor one character repeated"
            )
        return value


class Settings(_Concern):
    """All settings of one stack."""

    network: NetworkSettings = NetworkSettings()
    ports: PortsSettings = PortsSettings()
    postgres: PostgresSettings = PostgresSettings()
    redis: RedisSettings = RedisSettings()
    monitoring: MonitoringSettings = MonitoringSettings()
    catalog: CatalogSettings = CatalogSettings()
    grafana: GrafanaSettings = GrafanaSettings()
    access: AccessSettings = AccessSettings()
    protect: bool = Field(default=False, description="whether whatever holds data is protected from deletion")
    instance: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9-]{1,40}$",
        description="tells two stacks of one name on one Docker engine apart; made on the first run",
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.postgres.shared_buffers_mb * 2 > self.postgres.memory_mb:
            raise ValueError(
                f"postgres.shared_buffers_mb {self.postgres.shared_buffers_mb} is more than half of "
                f"postgres.memory_mb {self.postgres.memory_mb}"
            )
        if self.redis.maxmemory_mb >= self.redis.memory_mb:
            raise ValueError(
                f"redis.maxmemory_mb {self.redis.maxmemory_mb} must stay below redis.memory_mb {self.redis.memory_mb}"
            )
        return self


def parse(raw: Mapping[str, Any], stack: str) -> tuple[Settings, Secrets]:
    """Settings and secrets of `stack` from its configuration.

    Args:
        raw: the configuration without the project's namespace: `{"network": {...} or its JSON, "redisPassword": "…"}`.
        stack: the stack's name, for the error texts.

    Raises:
        SettingsError: one line that names the key, the value and what is allowed.
    """
    if not STACK_NAME.fullmatch(stack):
        raise SettingsError(
            f"stack name '{stack}': allowed are lower-case letters, digits and '-', at most 25, a letter first"
        )
    known = set(Settings.model_fields) | set(SECRETS) | set(OPTIONAL_SECRETS)
    for key in raw:
        if key not in known:
            raise SettingsError(
                f"Pulumi.{stack}.yaml: unknown key '{PROJECT}:{key}'; allowed are {', '.join(sorted(known))}"
            )
    values = {key: _decode(key, value, stack) for key, value in raw.items() if key in Settings.model_fields}
    secret = {key: raw.get(key) for key in SECRETS} | {
        key: _decode(key, raw[key], stack) for key in OPTIONAL_SECRETS if raw.get(key)
    }
    missing = [key for key in SECRETS if not raw.get(key)]
    if missing:
        raise SettingsError(
            f"Pulumi.{stack}.yaml: secret {', '.join(PROJECT + ':' + key for key in missing)} missing: "
            f"make init-secrets STACK={stack} generates them, pulumi config set --secret --stack {stack} sets one"
        )
    try:
        settings, secrets = Settings.model_validate(values), Secrets.model_validate(secret)
    except ValidationError as error:
        raise SettingsError(_one_line(error, stack)) from None
    _every_login_has_a_password(settings, secrets, stack)
    return settings, secrets


def _every_login_has_a_password(settings: Settings, secrets: Secrets, stack: str) -> None:
    for login in settings.access.readers:
        if login.name not in secrets.accessPasswords:
            raise SettingsError(
                f"Pulumi.{stack}.yaml: access.readers names '{login.name}', which has no password; set one with: "
                f"pulumi config set --secret --stack {stack} --path {PROJECT}:accessPasswords.{login.name}"
            )


def json_schema() -> dict[str, Any]:
    """JSON schema of a stack's settings (without the secrets' values, which are strings)."""
    schema = Settings.model_json_schema()
    for key, meaning in {**SECRETS, **OPTIONAL_SECRETS}.items():
        schema["properties"][key] = {"type": "string", "format": "password", "description": meaning}
    return schema


def _decode(key: str, value: Any, stack: str) -> Any:
    """Pulumi hands objects and booleans over as JSON text."""
    if not isinstance(value, str) or key == "instance":
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        raise SettingsError(
            f"Pulumi.{stack}.yaml: {PROJECT}:{key} is '{value[:60]}', not a mapping of settings"
        ) from None


def _one_line(error: ValidationError, stack: str) -> str:
    first = error.errors(include_url=False)[0]
    path = ".".join(str(part) for part in first["loc"])
    top = str(first["loc"][0]) if first["loc"] else ""
    message = first["msg"].removeprefix("Value error, ")
    if top in SECRETS or top in OPTIONAL_SECRETS:
        return f"Pulumi.{stack}.yaml: {PROJECT}:{path}: {message}"
    if first["type"] == "extra_forbidden":
        return f"Pulumi.{stack}.yaml: unknown key '{PROJECT}:{path}'; allowed are {', '.join(_siblings(first['loc']))}"
    shown = json.dumps(first["input"], default=str)[:80] if path else ""
    named = f"{PROJECT}:{path} is {shown}: " if path else ""
    return f"Pulumi.{stack}.yaml: {named}{message}"


def _siblings(loc: tuple[int | str, ...]) -> list[str]:
    """Keys allowed beside an unknown one."""
    model: type[BaseModel] = Settings
    for part in loc[:-1]:
        annotation = model.model_fields[str(part)].annotation if str(part) in model.model_fields else None
        model = annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else Login
    return sorted(model.model_fields)
