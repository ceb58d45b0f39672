"""What every component of one stack shares: its name, its settings, and the labels of whatever it makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components import settings as stack_settings
from components.service import address

if TYPE_CHECKING:
    from components.settings import Secrets, Settings

VERSION = "0.1.0"
"""Version of the platform (pyproject.toml says the same; a test compares them)."""


@dataclass(frozen=True)
class StackContext:
    """One stack: its name, settings and secrets."""

    stack: str
    settings: Settings
    secrets: Secrets

    @property
    def prefix(self) -> str:
        """Start of the name of every container, volume and network: `mundo-STACK`."""
        return f"{stack_settings.PROJECT}-{self.stack}"

    @property
    def instance(self) -> str:
        """What tells this stack from another of its name on one Docker engine."""
        return self.settings.instance or self.stack

    def labels(self, component: str) -> dict[str, str]:
        """Labels of whatever `component` makes."""
        return {
            "mundo.project": stack_settings.PROJECT,
            "mundo.stack": self.stack,
            "mundo.instance": self.instance,
            "mundo.component": component,
            "mundo.version": VERSION,
        }

    def address(self, host_number: int) -> str:
        """Fixed IPv4 address on the stack's network."""
        return address(self.settings.network.subnet, host_number)

    def url(self, port: int, path: str = "") -> str:
        """Address of a published HTTP port, for a person at this machine."""
        return f"http://{self.settings.network.reachable_address}:{port}{path}"
