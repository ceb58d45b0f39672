"""Packages of Debian and Ubuntu, for tools that are not Python's."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from typing import TYPE_CHECKING

from ops.tools import ToolError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_SECONDS = 600


def is_here() -> bool:
    """Whether this is Debian, or what is made from it."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return False
    kinds = {release.get("ID", ""), *release.get("ID_LIKE", "").split()}
    return bool(kinds & {"debian", "ubuntu"}) and shutil.which("apt-get") is not None


def install(packages: Sequence[str], progress: Callable[[str], None]) -> None:
    """Install packages, without those they only recommend.

    Raises:
        ToolError: that failed, in one line.
    """
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    progress(f"installing {', '.join(packages)} with apt-get")
    apt = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=120"]
    for command in ([*apt, "update"], [*apt, "install", "--yes", "--no-install-recommends", *packages]):
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, timeout=_SECONDS, env=environment
            )
        except subprocess.TimeoutExpired:
            raise ToolError(f"{' '.join(command)} took longer than {_SECONDS} s") from None
        # Without a fresh list the packages may still be had from the old one: only the installation decides.
        if done.returncode != 0 and "install" in command:
            said = [line for line in (done.stderr + done.stdout).splitlines() if line.startswith(("E:", "dpkg:"))]
            raise ToolError(f"{' '.join(packages)} could not be installed: {(said or ['apt-get gave no reason'])[0]}")
