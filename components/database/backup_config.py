"""Text of pgBackRest's configuration files. Pure functions: same arguments, same text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

STANZA = "mundo"
"""Name of the cluster in the repository."""

REPOSITORY = "/var/lib/pgbackrest"
DATA = "/var/lib/postgresql/data"
SOCKET_DIRECTORY = f"{DATA}/socket"
"""Where the server's socket is for the backup service: beside the cluster, in the volume that both have."""

ARCHIVE_COMMAND = f"pgbackrest --stanza={STANZA} archive-push %p"
_HEAD = "# Rendered from the stack's settings; changes by hand are overwritten.\n"


def render(*, keep_full: int, compress_level: int, processes: int) -> str:
    """Render pgbackrest.conf: an encrypted repository in a volume, beside the server.

    Args:
        keep_full: full backups kept; what older ones need of the log goes with them.
        compress_level: level of zstandard.
        processes: processes that compress and encrypt at once.
    """
    everywhere: dict[str, str | int] = {
        "repo1-path": REPOSITORY,
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


def render_secret(passphrase: str) -> str:
    """Render the part of pgBackRest's configuration that nobody else may read."""
    return f"{_HEAD}\n[global]\n{_lines({'repo1-cipher-pass': passphrase})}"


def render_pgpass(password: str) -> str:
    """Render the password file of libpq for the owner of the schema."""
    escaped = password.replace("\\", "\\\\").replace(":", "\\:")
    return f"*:*:*:mundo_owner:{escaped}\n"


def _lines(settings: Mapping[str, str | int]) -> str:
    return "".join(f"{name}={value}\n" for name, value in settings.items())
