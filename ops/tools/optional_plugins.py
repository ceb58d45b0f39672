"""The plugins that only the settings `access` and `grafana` need: installed, to be had, or out of reach."""

from __future__ import annotations

import shutil
from importlib import metadata
from pathlib import Path

from ops.tools import docker_plugin, network

_RELEASES = {
    "postgresql": "https://get.pulumi.com/releases/plugins/pulumi-resource-postgresql-v{version}-linux-amd64.tar.gz",
    "grafana": "https://github.com/pulumiverse/pulumi-grafana/releases/tag/v{version}",
}
_PACKAGES = {"postgresql": "pulumi-postgresql", "grafana": "pulumiverse-grafana"}
_PROBE_SECONDS = 3


def installed(name: str) -> Path | None:
    """The executable of plugin `postgresql` or `grafana` in the version of its SDK, where it is on this machine."""
    on_path = shutil.which(f"pulumi-resource-{name}")
    if on_path:
        return Path(on_path)
    version = metadata.version(_PACKAGES[name])
    beside = docker_plugin.plugin_folder().parent / f"resource-{name}-v{version}" / f"pulumi-resource-{name}"
    return beside if beside.is_file() else None


def downloadable(name: str) -> bool:
    """Whether the plugin's release answers within seconds."""
    return network.answers(_RELEASES[name].format(version=metadata.version(_PACKAGES[name])), _PROBE_SECONDS)


def obtainable(name: str) -> bool:
    """Whether Pulumi would find or fetch the plugin."""
    return installed(name) is not None or downloadable(name)
