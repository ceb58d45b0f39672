"""Pulumi's docker plugin: the released one where it can be had, else the one built from `toolchain/docker_plugin`.

It is kept in Pulumi's own plugin folder, where `pulumi` typed by hand finds it as well; on PATH the engine would warn
about it at every start.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from ops.tools import ToolError, cache, go, network

if TYPE_CHECKING:
    from collections.abc import Callable

VERSION = "5.2.0"
RECIPE = go.Recipe(
    name="pulumi-resource-docker",
    title="Pulumi's docker plugin",
    module=go.TOOLCHAIN / "docker_plugin",
    package=".",
    flags=("-tags", "no_compose", "-ldflags", "-s -w"),
    minutes=4,
)
_RELEASES = f"https://get.pulumi.com/releases/plugins/pulumi-resource-docker-v{VERSION}"
_INSTALL_SECONDS = 300
_MARK = "built-from"
"""A file beside a plugin that was built here, with its key; a released one has none and is left alone."""


def plugin_folder() -> Path:
    """Where Pulumi looks for this version of the plugin."""
    home = os.environ.get("PULUMI_HOME")
    return (Path(home) if home else Path.home() / ".pulumi") / "plugins" / f"resource-docker-v{VERSION}"


def find_plugin() -> Path | None:
    """The plugin that `pulumi` would use, where it is the released one or built from the present sources."""
    on_path = shutil.which(RECIPE.name)
    if on_path and os.environ.get("PULUMI_IGNORE_AMBIENT_PLUGINS", "").lower() not in {"1", "true"}:
        return Path(on_path)
    program = plugin_folder() / RECIPE.name
    mark = plugin_folder() / _MARK
    half_done = plugin_folder().with_name(f"{plugin_folder().name}.partial")
    if not os.access(program, os.X_OK) or half_done.exists():
        return None
    if mark.exists() and mark.read_text() != RECIPE.key():
        return None
    return program


def ensure_plugin(pulumi: Path, progress: Callable[[str], None]) -> Path:
    """Have the plugin in Pulumi's plugin folder, with the CLI `pulumi` to put it there; gives its executable.

    Raises:
        ToolError: it can neither be downloaded nor built.
    """
    found = find_plugin()
    if found is not None:
        return found
    with cache.locked(progress) as folder:
        found = find_plugin()
        if found is not None:  # the run waited for has made it
            return found
        if not _download(pulumi, progress):
            built = folder / f"docker-plugin-{RECIPE.key()}"
            if not built.exists():
                with cache.new_folder(built) as draft:
                    go.build(RECIPE, draft / RECIPE.name, go.find_go(), progress)
            _install(pulumi, "--reinstall", "--file", str(built / RECIPE.name))
            (plugin_folder() / _MARK).write_text(RECIPE.key())
            shutil.rmtree(built)  # Pulumi has its copy
    return plugin_folder() / RECIPE.name


def _download(pulumi: Path, progress: Callable[[str], None]) -> bool:
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)
    if not network.answers(f"{_RELEASES}-linux-{machine}.tar.gz"):
        return False
    progress(f"downloading Pulumi's docker plugin {VERSION}")
    try:
        _install(pulumi)
    except ToolError as error:
        progress(f"{error}: it is built from Go modules instead")
        return False
    return True


def _install(pulumi: Path, *arguments: str) -> None:
    command = [str(pulumi), "plugin", "install", "resource", "docker", VERSION, *arguments]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=_INSTALL_SECONDS,
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
        )
    except subprocess.TimeoutExpired:
        raise ToolError(f"installing Pulumi's docker plugin took longer than {_INSTALL_SECONDS} s") from None
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1]
        raise ToolError(f"Pulumi's docker plugin {VERSION} could not be installed: {said}")
