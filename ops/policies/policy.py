"""A policy: what is asked of a resource, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ops.policies.planned import Planned, Resource

Check = Callable[[Resource, Planned], str | None]
"""What is wrong with the resource, in a few words; None where nothing is."""


@dataclass(frozen=True)
class Policy:
    """One policy.

    Attributes:
        name: how exceptions and findings name it.
        kinds: the types of resource that it is asked of.
        reason: why it holds.
        check: what is asked.
    """

    name: str
    kinds: tuple[str, ...]
    reason: str
    check: Check


REGISTRY: dict[str, Policy] = {}
"""Every policy by its name."""


def policy(name: str, *kinds: str, reason: str) -> Callable[[Check], Check]:
    """Makes a function a policy of resources of these types."""

    def register(check: Check) -> Check:
        REGISTRY[name] = Policy(name, kinds, reason, check)
        return check

    return register
