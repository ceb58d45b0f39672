"""Text of PostgreSQL's configuration files, rendered from a few sizes. Pure functions: same arguments, same text."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

POSTGRES_PORT = 5432
SOCKET_DIRECTORY = "/tmp/postgresql"  # noqa: S108  (a tmpfs of the container's own, made by the image's entrypoint)
DATABASE = "mundo"

_MIN_CONNECTIONS = 20
_SUPERUSER_CONNECTIONS = 3
# The launchers of pg_cron and of logical replication, and one to spare.
_STANDING_WORKERS = 3


@dataclass(frozen=True, kw_only=True)
class Archive:
    """How the write-ahead log is archived.

    Attributes:
        command: archives one segment (`%p`).
        timeout_seconds: after which a segment that is not full is archived, if there is anything new in it.
        socket_directory: where else the server listens, for whoever makes the backups.
    """

    command: str
    timeout_seconds: int
    socket_directory: str


def _size(value: int, name: str, least: int) -> str:
    if value < least:
        raise ValueError(f"postgres {name} is {value}, allowed is {least} or more")
    return f"{value}MB"


def _lines(settings: dict[str, str | int]) -> str:
    return "".join(
        f"{name} = {value}\n" if isinstance(value, int) else f"{name} = '{value}'\n" for name, value in settings.items()
    )


def render_postgresql_conf(
    *,
    max_connections: int,
    shared_buffers_mb: int,
    work_mem_mb: int,
    max_wal_size_mb: int,
    temp_file_limit_mb: int = 4096,
    parallel_workers: int = 4,
    jobs: int = 10,
    owner_connections: int | None = None,
    archive: Archive | None = None,
    maintenance_work_mem_mb: int = 64,
    effective_cache_size_mb: int | None = None,
) -> str:
    """Render postgresql.conf for the image in images/postgres.

    Times are UTC, logs go to stderr, pg_cron runs its jobs as background workers (so that no password or trust entry
    is needed), and statement texts are logged for errors and slow statements only.

    Args:
        max_connections: all logins together, 20 or more.
        shared_buffers_mb: PostgreSQL's own cache, MB.
        work_mem_mb: memory of one sort or hash, MB.
        max_wal_size_mb: write-ahead log between checkpoints, MB; the disk needs about twice as much.
        temp_file_limit_mb: temporary files of one session, MB.
        parallel_workers: processes that help with queries, all sessions together.
        jobs: pg_cron jobs that may run at once; each is a worker process.
        archive: how the write-ahead log is archived; None where it is not.
        owner_connections: connections that mundo_owner may hold, for the image's bootstrap; None for no limit.
        maintenance_work_mem_mb: memory of an index build or a vacuum, MB.
        effective_cache_size_mb: what the planner believes is cached, MB; three times shared_buffers_mb by default.

    Raises:
        ValueError: a size is below what PostgreSQL needs.
    """
    if jobs < 1 or parallel_workers < 0:
        raise ValueError(f"postgres jobs is {jobs} and parallel_workers {parallel_workers}, allowed is 1 and 0 or more")
    if max_connections < _MIN_CONNECTIONS:
        raise ValueError(f"postgres max_connections is {max_connections}, allowed is {_MIN_CONNECTIONS} or more")
    cache_mb = effective_cache_size_mb if effective_cache_size_mb is not None else 3 * shared_buffers_mb
    sections: dict[str, dict[str, str | int]] = {
        "Connections": {
            "listen_addresses": "*",
            "port": POSTGRES_PORT,
            "max_connections": max_connections,
            "superuser_reserved_connections": _SUPERUSER_CONNECTIONS,
            "unix_socket_directories": SOCKET_DIRECTORY,
            "password_encryption": "scram-sha-256",
            "tcp_keepalives_idle": 60,
            "tcp_keepalives_interval": 10,
            "tcp_keepalives_count": 3,
        },
        "Memory": {
            "shared_buffers": _size(shared_buffers_mb, "shared_buffers_mb", 16),
            "work_mem": _size(work_mem_mb, "work_mem_mb", 1),
            "maintenance_work_mem": _size(maintenance_work_mem_mb, "maintenance_work_mem_mb", 16),
            "effective_cache_size": _size(cache_mb, "effective_cache_size_mb", 16),
            "dynamic_shared_memory_type": "posix",
            "temp_file_limit": _size(temp_file_limit_mb, "temp_file_limit_mb", 16),
        },
        "Write-ahead log": {
            "wal_level": "replica",
            "max_wal_size": _size(max_wal_size_mb, "max_wal_size_mb", 64),
            "min_wal_size": "64MB",
            # A replication slot that nobody reads must not fill the disk.
            "max_slot_wal_keep_size": _size(2 * max_wal_size_mb, "max_wal_size_mb", 64),
            "wal_keep_size": "0",
            "wal_compression": "on",
            "checkpoint_timeout": "15min",
            "checkpoint_completion_target": "0.9",
        },
        "Planner (solid-state disks)": {
            "random_page_cost": "1.1",
            "effective_io_concurrency": 100,
        },
        "Extensions; jobs run as background workers": {
            "shared_preload_libraries": "pg_cron,pg_stat_statements",
            "max_worker_processes": jobs + parallel_workers + _STANDING_WORKERS,
            "max_parallel_workers": parallel_workers,
            "max_parallel_workers_per_gather": min(2, parallel_workers),
            "max_parallel_maintenance_workers": min(2, parallel_workers),
            "cron.database_name": DATABASE,
            "cron.use_background_workers": "on",
            "cron.max_running_jobs": jobs,
            "cron.timezone": "UTC",
            "cron.log_statement": "off",
            "pg_stat_statements.max": 5000,
            "pg_stat_statements.track": "top",
            # Utility statements carry passwords (ALTER ROLE).
            "pg_stat_statements.track_utility": "off",
            "track_io_timing": "on",
        },
        "Upkeep": {
            "autovacuum": "on",
            "autovacuum_naptime": "30s",
            "autovacuum_max_workers": 3,
            # Large tables are cleaned and analyzed after a twentieth of them has changed, not a fifth.
            "autovacuum_vacuum_scale_factor": "0.05",
            "autovacuum_vacuum_insert_scale_factor": "0.05",
            "autovacuum_analyze_scale_factor": "0.02",
            "allow_alter_system": "off",
        },
        "Logs, to stderr": {
            "logging_collector": "off",
            "log_destination": "stderr",
            "log_line_prefix": "%m [%p] %q%u@%d/%a ",
            "log_timezone": "UTC",
            "log_statement": "none",
            "log_min_duration_statement": "2s",
            "log_parameter_max_length": 0,
            "log_parameter_max_length_on_error": 0,
            "log_lock_waits": "on",
            "log_checkpoints": "off",
            "log_temp_files": "64MB",
            "log_autovacuum_min_duration": "10s",
        },
        "Locale": {
            "timezone": "UTC",
            "datestyle": "iso, ymd",
            "lc_messages": "C.UTF-8",
            "default_text_search_config": "pg_catalog.portuguese",
        },
    }
    if archive is not None:
        sections["Connections"]["unix_socket_directories"] = f"{SOCKET_DIRECTORY},{archive.socket_directory}"
        sections["Archive"] = {
            "archive_mode": "on",
            "archive_command": archive.command,
            "archive_timeout": f"{archive.timeout_seconds}s",
        }
    if owner_connections is not None:
        sections["For the image's bootstrap"] = {"mundo.owner_connections": owner_connections}
    text = "# Rendered from the stack's settings; changes by hand are overwritten.\n"
    return text + "".join(f"\n# {title}\n{_lines(settings)}" for title, settings in sections.items())


def render_pg_hba(subnet: str) -> str:
    """Render pg_hba.conf: passwords (SCRAM) over TCP from the stack's subnet, peer on the socket, nothing else.

    The superuser has no login over TCP; inside the container, `psql` on the socket is the superuser.

    Args:
        subnet: the stack's network in CIDR notation; published ports arrive through its gateway.

    Raises:
        ValueError: `subnet` is not a network in CIDR notation.
    """
    network = ipaddress.ip_network(subnet)
    rows = [
        ("local", "all", "postgres", "", "peer"),
        ("host", "all", "postgres", "all", "reject"),
        ("host", "all", "all", "127.0.0.1/32", "scram-sha-256"),
        ("host", "all", "all", "::1/128", "scram-sha-256"),
        ("host", "all", "all", str(network), "scram-sha-256"),
    ]
    table = "".join(
        f"{kind:<6} {base:<4} {user:<9} {source:<18} {method}\n" for kind, base, user, source, method in rows
    )
    return "# Rendered from the stack's settings; changes by hand are overwritten.\n" + table
