"""Text of pgBackRest's configuration files. Pure functions: same arguments, same text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.settings import BucketSettings

STANZA = "mundo"
"""Name of the cluster in the repository."""

REPOSITORY = "/var/lib/pgbackrest"
DATA = "/var/lib/postgresql/data"
SOCKET_DIRECTORY = f"{DATA}/socket"
"""Where the server's socket is for the backup service: beside the cluster, in the volume that both have."""

FILE = "pgbackrest.conf"
"""Name of pgBackRest's configuration, and of its further part with the secrets."""

CERTIFICATES = "s3-ca.pem"
"""File of the configuration with what a bucket's service is verified against."""

ARCHIVE_COMMAND = f"pgbackrest --stanza={STANZA} archive-push %p"
_HEAD = "# Rendered from the stack's settings; changes by hand are overwritten.\n"


def in_volume() -> dict[str, str | int]:
    """The repository in a volume, beside the server."""
    return {"repo1-path": REPOSITORY}


def in_bucket(s3: BucketSettings, folder: str, files: str) -> dict[str, str | int]:
    """The repository in a bucket.

    Args:
        s3: the bucket and its service.
        folder: in the bucket, where none is set.
        files: folder of the service's configuration files.
    """
    if s3.bucket is None or s3.endpoint is None or s3.region is None:
        raise ValueError("the settings name no bucket")
    return {
        "repo1-type": "s3",
        "repo1-path": f"/{s3.prefix or folder}",
        "repo1-s3-bucket": s3.bucket,
        "repo1-s3-endpoint": s3.endpoint,
        "repo1-s3-region": s3.region,
        "repo1-s3-uri-style": s3.uri_style,
        "repo1-storage-port": s3.port,
        "repo1-storage-verify-tls": "y" if s3.verify_tls else "n",
        **({"repo1-storage-ca-file": f"{files}/{CERTIFICATES}"} if s3.ca else {}),
    }


def render(*, keep_full: int, compress_level: int, processes: int, repository: Mapping[str, str | int]) -> str:
    """Render pgbackrest.conf: an encrypted repository, in a volume or in a bucket.

    Args:
        keep_full: full backups kept; what older ones need of the log goes with them.
        compress_level: level of zstandard.
        processes: processes that compress and encrypt at once.
        repository: where it lies (`in_volume`, `in_bucket`).
    """
    everywhere: dict[str, str | int] = {
        **repository,
        "repo1-cipher-type": "aes-256-cbc",
        "repo1-retention-full": keep_full,
        "repo1-bundle": "y",
        "repo1-block": "y",
        "compress-type": "zst",
        "compress-level": compress_level,
        "process-max": processes,
        "start-fast": "y",
        "archive-timeout": 120,
        "lock-path": "/tmp/pgbackrest",  # noqa: S108 - a tmpfs of the container's own
        "log-level-console": "warn",
        "log-level-file": "off",
    }
    cluster = {
        "pg1-path": f"{DATA}/pgdata",
        "pg1-socket-path": SOCKET_DIRECTORY,
        "pg1-user": "postgres",
        "pg1-database": "mundo",
    }
    return f"{_HEAD}\n[global]\n{_lines(everywhere)}\n[{STANZA}]\n{_lines(cluster)}"


def render_secret(passphrase: str, key: str | None = None, key_secret: str | None = None) -> str:
    """Render the part of pgBackRest's configuration that nobody else may read; with the keys of a bucket."""
    secret = {"repo1-cipher-pass": passphrase, "repo1-s3-key": key, "repo1-s3-key-secret": key_secret}
    return f"{_HEAD}\n[global]\n{_lines({name: value for name, value in secret.items() if value is not None})}"


def render_pgpass(password: str) -> str:
    """Render the password file of libpq for the owner of the schema."""
    escaped = password.replace("\\", "\\\\").replace(":", "\\:")
    return f"*:*:*:mundo_owner:{escaped}\n"


def _lines(settings: Mapping[str, str | int]) -> str:
    return "".join(f"{name}={value}\n" for name, value in settings.items())
