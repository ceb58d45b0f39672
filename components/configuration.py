"""The stack's configuration, as the running Pulumi program sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.runtime import config as runtime_config

from components import settings as stack_settings
from components.context import StackContext

if TYPE_CHECKING:
    from collections.abc import Mapping


def raw(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """The project's own keys of a whole Pulumi configuration, without their namespace."""
    namespace = f"{stack_settings.PROJECT}:"
    return {key.removeprefix(namespace): value for key, value in configuration.items() if key.startswith(namespace)}


def load() -> StackContext:
    """Context of the running program's stack.

    Raises:
        pulumi.RunError: a setting is unknown, missing or wrong; the engine shows the one line.
    """
    stack = pulumi.get_stack()
    try:
        # Pulumi's own Config reads single keys; a key too many is an error here, so all of them are looked at.
        settings, secrets = stack_settings.parse(
            raw({**runtime_config.get_config_env(), **runtime_config.CONFIG.get()}), stack
        )
    except stack_settings.SettingsError as error:
        raise pulumi.RunError(str(error)) from None
    return StackContext(stack=stack, settings=settings, secrets=secrets)
