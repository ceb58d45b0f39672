"""Settings of the catalogue service: environment variables `MUNDO_*`, and secrets as files.

Refused values end in one `SettingsError` line that names the key, the value and what is allowed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SecretsSettingsSource, SettingsConfigDict

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

PREFIX = "MUNDO_"
DEFAULT_SECRETS_DIR = "/run/mundo/secrets"
SECRETS = ("postgres_password", "redis_password", "postgres_ingest_password", "import_token")
_MAX_PORT = 65535

Address = tuple[str, int]


class SettingsError(Exception):
    """The settings cannot be used; the text is one line for the person who set them."""


def parse_addresses(text: str) -> tuple[Address, ...]:
    """Turn `"host:port,host:port"` into address pairs; raises ValueError naming the part that is wrong."""
    addresses: list[Address] = []
    for part in (piece.strip() for piece in text.split(",")):
        host, _, port = part.rpartition(":")
        if not host or not port.isascii() or not port.isdigit() or not 1 <= int(port) <= _MAX_PORT:
            raise ValueError(f"{part!r} is not host:port")
        addresses.append((host.strip("[]"), int(port)))
    return tuple(addresses)


def _check_addresses(text: str) -> str:
    parse_addresses(text)
    return text


def _check_url(text: str) -> str:
    """Take an address of http or https; what is secret has no place in it, since it comes from the environment."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("is no address of the kind http://host:port")
    if parts.username or parts.password:
        raise ValueError("holds a login")
    _ = parts.port  # ValueError where it is none
    return text.rstrip("/")


_Port = Annotated[int, Field(ge=1, le=_MAX_PORT)]
_Milliseconds = Annotated[int, Field(ge=1, le=600_000)]
_Name = Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[A-Za-z0-9._-]+$")]


class Settings(BaseSettings):
    """Everything that can be set; each description says what is allowed."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True, hide_input_in_errors=False)

    stack: _Name = Field("local", description="the stack's name: letters, digits, '.', '_' and '-'")
    version: str = Field("0", min_length=1, max_length=100, description="the running version, 1 to 100 characters")
    host: str = Field("127.0.0.1", min_length=1, description="the address to listen on")
    port: _Port = Field(8000, description="a port from 1 to 65535")
    reuse_port: bool = Field(
        default=False, description="true or false: whether a second process may listen on the same address"
    )
    public_url: Annotated[str, AfterValidator(_check_url)] | None = Field(
        None, description="http(s)://host of this service as its users know it, or nothing: as each request names it"
    )
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="DEBUG, INFO, WARNING or ERROR")
    shutdown_grace_s: int = Field(10, ge=1, le=900, description="seconds from 1 to 900")
    leave_s: float = Field(0, ge=0, le=60, description="seconds from 0 to 60")

    postgres_host: str = Field(min_length=1, description="a host name or an address")
    postgres_port: _Port = Field(5432, description="a port from 1 to 65535")
    postgres_database: _Name = Field("mundo", description="a database name")
    postgres_user: _Name = Field("mundo_app", description="a role name")
    postgres_password: SecretStr = Field(min_length=1, description="a file of that name in MUNDO_SECRETS_DIR")
    postgres_pool_size: int = Field(10, ge=1, le=200, description="connections from 1 to 200")
    postgres_pool_wait_ms: _Milliseconds = Field(500, description="milliseconds from 1 to 600000")
    postgres_statement_timeout_ms: _Milliseconds = Field(2000, description="milliseconds from 1 to 600000")
    postgres_deadline_ms: _Milliseconds = Field(3000, description="milliseconds from 1 to 600000")

    sentinels: Annotated[str, AfterValidator(_check_addresses)] = Field(
        description="addresses host:port, separated by commas"
    )
    redis_master: _Name = Field("mymaster", description="the master's name in Sentinel")
    redis_password: SecretStr = Field(min_length=1, description="a file of that name in MUNDO_SECRETS_DIR")
    redis_deadline_ms: _Milliseconds = Field(50, description="milliseconds from 1 to 600000")
    redis_rest_ms: _Milliseconds = Field(250, description="milliseconds from 1 to 600000")
    sentinel_deadline_ms: _Milliseconds = Field(300, description="milliseconds from 1 to 600000")
    sentinel_poll_ms: _Milliseconds = Field(1000, description="milliseconds from 1 to 600000")

    # The outbox of changes is kept 8 days: what a cache holds longer could miss one.
    bounds_ttl_s: int = Field(86_400, ge=1, le=604_800, description="seconds from 1 to 604800")
    bounds_ttl_jitter: float = Field(0.1, ge=0, le=0.5, description="a part of the time to live, from 0 to 0.5")
    bounds_poll_ms: int = Field(200, ge=10, le=900, description="milliseconds from 10 to 900")
    # Changes come by themselves, so this only bounds what nobody has thought of.
    l1_ttl_ms: int = Field(600_000, ge=0, le=86_400_000, description="milliseconds from 0 (off) to 86400000")
    l1_stale_s: int = Field(86_400, ge=0, le=604_800, description="seconds from 0 to 604800")
    l1_size: int = Field(50_000, ge=1, le=1_000_000, description="entries from 1 to 1000000")
    breaker_failure_threshold: int = Field(5, ge=1, le=1000, description="failures from 1 to 1000")
    breaker_recovery_timeout_s: float = Field(60.0, gt=0, le=3600, description="seconds above 0, up to 3600")

    prometheus_url: Annotated[str, AfterValidator(_check_url)] | None = Field(
        None, description="http://host:port of Prometheus without a login, or nothing: the status page has no numbers"
    )
    prometheus_interval_s: int = Field(15, ge=1, le=300, description="seconds from 1 to 300")

    tiles_cache_mb: int = Field(64, ge=0, le=4096, description="MiB from 0 to 4096")
    export_features: int = Field(200_000, ge=1, le=10_000_000, description="features from 1 to 10000000")
    export_mb: int = Field(512, ge=1, le=65_536, description="MiB from 1 to 65536")
    export_at_once: int = Field(2, ge=1, le=100, description="files from 1 to 100")

    imports_dir: Path | None = Field(None, description="a folder for uploads, or nothing: imports are off")
    imports_worker: bool = Field(
        default=True, description="true or false: whether this process has uploads loaded; else another does"
    )
    import_token: SecretStr | None = Field(
        None, min_length=12, description="a file of that name in MUNDO_SECRETS_DIR, 12 characters or more"
    )
    postgres_ingest_user: _Name = Field("mundo_ingest", description="a role name")
    postgres_ingest_password: SecretStr | None = Field(
        None, min_length=1, description="a file of that name in MUNDO_SECRETS_DIR"
    )
    imports_max_upload_mb: int = Field(1024, ge=1, le=1_048_576, description="MiB from 1 to 1048576")
    imports_upload_timeout_s: float = Field(900, gt=0, le=86_400, description="seconds above 0, up to 86400")
    imports_stall_timeout_s: float = Field(30, gt=0, le=3600, description="seconds above 0, up to 3600")
    imports_job_timeout_s: float = Field(3600, gt=0, le=604_800, description="seconds above 0, up to 604800")
    imports_max_waiting: int = Field(20, ge=1, le=10_000, description="jobs from 1 to 10000")
    imports_min_free_mb: int = Field(512, ge=0, le=1_048_576, description="MiB from 0 to 1048576")
    imports_memory_mb: int = Field(640, ge=16, le=1_048_576, description="MiB from 16 to 1048576")

    secrets_dir: ClassVar[str] = DEFAULT_SECRETS_DIR

    @property
    def sentinel_addresses(self) -> tuple[Address, ...]:
        """The Sentinels as (host, port) pairs."""
        return parse_addresses(self.sentinels)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take explicit values first, then the environment, then secret files (named without the prefix)."""
        del dotenv_settings, file_secret_settings
        folder = _secrets_dir()
        if not folder.is_dir():
            return init_settings, env_settings
        files = SecretsSettingsSource(settings_cls, secrets_dir=folder, env_prefix="")
        return init_settings, env_settings, files


def _secrets_dir() -> Path:
    return Path(os.environ.get(f"{PREFIX}SECRETS_DIR") or DEFAULT_SECRETS_DIR)


def load_settings() -> Settings:
    """Read the settings of this process; raises SettingsError with one clear line."""
    for name in SECRETS:
        if f"{PREFIX}{name.upper()}" in os.environ:
            raise SettingsError(
                f"{PREFIX}{name.upper()}: a secret is not taken from the environment; "
                f"put it into the file {_secrets_dir() / name}"
            )
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError("; ".join(_explain(detail) for detail in error.errors())) from None
    except OSError as error:
        raise SettingsError(f"{error.filename or _secrets_dir()}: {error.strerror}") from None


def unknown_variables() -> list[str]:
    """Names of `MUNDO_*` variables that no setting reads (perhaps misspelt)."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | {f"{PREFIX}SECRETS_DIR"}
    return sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)


def _explain(detail: ErrorDetails) -> str:
    name = str(detail["loc"][0]) if detail["loc"] else "settings"
    field = Settings.model_fields.get(name)
    allowed = field.description if field else None
    if name in SECRETS:
        where, value = str(_secrets_dir() / name), ""
    else:
        # Where a login slipped into an address, it is not repeated.
        shown = re.sub(r"//[^/@]*@", "//***@", repr(detail["input"]))
        where, value = f"{PREFIX}{name.upper()}", f"={shown}"
    if detail["type"] == "missing":
        return f"{where}: missing; allowed: {allowed}"
    reason = detail["msg"].removeprefix("Value error, ")
    return f"{where}{value}: {reason}; allowed: {allowed}"
