"""Stacks for unit tests: every committed settings file, and one as a first run makes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from components import settings as stack_settings
from components.configuration import raw
from components.context import StackContext

ROOT = Path(__file__).resolve().parents[2]
STACKS = ("local", "dev", "prod")
SECRETS = {key: f"unit-test-{index}-{key}" for index, key in enumerate(stack_settings.SECRETS)}


def configuration(stack: str) -> dict[str, Any]:
    """The stack's configuration without its namespace, with secrets of the test's own."""
    path = ROOT / f"Pulumi.{stack}.yaml"
    committed = stack != "local"
    values = raw(yaml.safe_load(path.read_text())["config"]) if committed else {"instance": "unit"}
    return {**values, **SECRETS}


def context(stack: str = "local", **overrides: Any) -> StackContext:
    """The context of a stack; `overrides` replace whole settings."""
    settings, secrets = stack_settings.parse({**configuration(stack), **overrides}, stack)
    return StackContext(stack=stack, settings=settings, secrets=secrets)
