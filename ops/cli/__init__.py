"""The `mundo` command: what `make` calls."""

from ops.cli import stack, data, backups, machine, documentation, flow, workflows  # noqa: I001 - the order of the help page
from ops.cli.terminal import app

__all__ = ["app", "backups", "data", "documentation", "flow", "machine", "stack", "workflows"]
