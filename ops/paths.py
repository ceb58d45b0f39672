"""Where the project keeps what is not in the repository."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The checkout."""


def _xdg(variable: str, fallback: str) -> Path:
    return Path(os.environ.get(variable) or Path.home() / fallback) / "mundo"


def state_folder() -> Path:
    """Pulumi's state where no backend is set: outside every checkout."""
    return _xdg("XDG_DATA_HOME", ".local/share") / "state"


def backend_url() -> str:
    """The Pulumi backend: `PULUMI_BACKEND_URL` where it is set, a local folder otherwise."""
    return os.environ.get("PULUMI_BACKEND_URL") or f"file://{state_folder()}"


def passphrase_file() -> Path:
    """The passphrase of the local secrets, outside every checkout."""
    return Path(os.environ.get("PULUMI_CONFIG_PASSPHRASE_FILE") or _xdg("XDG_CONFIG_HOME", ".config") / "passphrase")


def settings_file(stack: str) -> Path:
    """The settings file of a stack."""
    return ROOT / f"Pulumi.{stack}.yaml"
