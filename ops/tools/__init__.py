"""The tools that the platform needs on a machine: found where they are, installed or built where they are not."""

from __future__ import annotations

from ops.errors import OpsError


class ToolError(OpsError):
    """A tool cannot be had here; the text is one clear line that says what is missing and how to get it."""
