"""What the numbers were measured on; asked, never typed."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.server import Server

_ROOT = Path(__file__).resolve().parent.parent


def facts(server: Server) -> dict[str, str]:
    """Machine, server and version of the code, in the order of the report."""
    settings = server.settings(
        "shared_buffers",
        "max_wal_size",
        "work_mem",
        "fsync",
        "synchronous_commit",
        "data_checksums",
        "full_page_writes",
    )
    return {
        "processor": _from_proc("cpuinfo", "model name") or platform.machine(),
        "cores": str(os.cpu_count()),
        "memory": f"{int((_from_proc('meminfo', 'MemTotal') or '0').split()[0]) / 1024 / 1024:.1f} GiB",
        "system": platform.release(),
        "load before": f"{os.getloadavg()[0]:.2f}",
        "PostgreSQL": server.one("SHOW server_version"),
        "PostGIS": server.one("SELECT postgis_lib_version()"),
        "settings": ", ".join(f"{name} {value}" for name, value in settings.items()),
        "commit": commit(),
    }


def commit() -> str:
    """Short name of the commit that is checked out, with + where files differ from it; 'unknown' without git."""
    try:
        head = _git("rev-parse", "--short=12", "HEAD")
        return head + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(*arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(_ROOT), *arguments], check=True, capture_output=True, text=True
    ).stdout.strip()


def _from_proc(file: str, key: str) -> str | None:
    try:
        lines = Path("/proc", file).read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(key)), None)
