"""The settings as a JSON schema."""

from __future__ import annotations

from typing import Any

from components.settings.secrets import OPTIONAL_SECRETS, SECRETS
from components.settings.stack import Settings


def json_schema() -> dict[str, Any]:
    """JSON schema of a stack's settings (without the secrets' values, which are strings)."""
    schema = Settings.model_json_schema()
    for key, meaning in {**SECRETS, **OPTIONAL_SECRETS}.items():
        schema["properties"][key] = {"type": "string", "format": "password", "description": meaning}
    return schema
