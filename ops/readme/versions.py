"""The sections of versions and addresses: what is locked, declared and published."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Final

from components.settings import PortsSettings
from ops.errors import OpsError
from ops.readme.language import paragraph, said
from ops.upgrade import version

if TYPE_CHECKING:
    from pathlib import Path

    from ops.readme.language import Language

LOCKED: Final = {
    "Pulumi": "pulumi",
    "pulumi-docker": "pulumi-docker",
    "FastAPI": "fastapi",
    "pydantic": "pydantic",
    "psycopg": "psycopg",
    "redis-py": "redis",
}
"""Name → package of the lock."""

_LOCK: Final = "requirements/dev.txt"
_DECLARED: Final = {
    "Debian": ("images/base/Dockerfile", r"^ARG DEBIAN=debian:([a-z]+)"),
    "PostgreSQL": ("images/postgres/Dockerfile", version.ARGUMENT),
}
"""Name → the file that declares its version, and how."""


def section(root: Path, language: Language) -> str:
    """The section's text.

    Raises:
        OpsError: a version stands no longer where it did.
    """
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    parts = [f"Mundo Virtual {project['version']}"]
    parts += [f"{name} {_found(root, file, pattern)}" for name, (file, pattern) in _DECLARED.items()]
    parts.append(f"Python {project['requires-python'].removeprefix('>=')} {said('or newer', language)}")
    parts += [f"{name} {_found(root, _LOCK, rf'^{re.escape(package)}==([^ ;]+)')}" for name, package in LOCKED.items()]
    return paragraph(" · ".join(parts))


def addresses(language: Language) -> str:
    """The text of the addresses: the ports of a stack that runs alone."""
    ports = PortsSettings()
    named = [
        f"`{getattr(ports, name)}` ({said(str(field.description), language)})"
        for name, field in PortsSettings.model_fields.items()
    ]
    return paragraph(f"{said('A stack of its own answers on `127.0.0.1` at', language)} {', '.join(named)}.")


def _found(root: Path, file: str, pattern: str) -> str:
    found = re.search(pattern, (root / file).read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise OpsError(f"{file} does not say a version any more: ops/readme/versions.py looks for {pattern}")
    return found[1]
