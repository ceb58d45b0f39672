"""Holds stacks against the policies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops.policies import rules  # noqa: F401 - importing it registers the policies
from ops.policies.policy import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ops.policies.exceptions import Exemption
    from ops.policies.planned import Planned


@dataclass(frozen=True)
class Finding:
    """A resource that breaks a policy."""

    stack: str
    policy: str
    resource: str
    problem: str

    def __str__(self) -> str:
        return f"{self.stack}: {self.resource}: {self.problem} ({self.policy}: {REGISTRY[self.policy].reason})"


@dataclass(frozen=True)
class Outcome:
    """What was found.

    Attributes:
        asked: how many times a policy was held against a resource, by policy.
        findings: what breaks a policy.
        excused: what would, but for an exemption.
        unused: exemptions that excused nothing.
    """

    asked: dict[str, int]
    findings: tuple[Finding, ...]
    excused: tuple[Finding, ...]
    unused: tuple[Exemption, ...]


def check(stacks: Sequence[Planned], exemptions: Sequence[Exemption]) -> Outcome:
    """Every policy against every resource that it is about, of every stack."""
    asked = dict.fromkeys(REGISTRY, 0)
    findings: list[Finding] = []
    excused: list[Finding] = []
    used: set[Exemption] = set()
    for stack in stacks:
        for policy in REGISTRY.values():
            for one in stack.of(*policy.kinds):
                asked[policy.name] += 1
                problem = policy.check(one, stack)
                if problem is None:
                    continue
                finding = Finding(stack.name, policy.name, one.name, problem)
                matching = {exemption for exemption in exemptions if exemption.covers(policy.name, one.name)}
                used |= matching
                (excused if matching else findings).append(finding)
    return Outcome(asked, tuple(findings), tuple(excused), tuple(one for one in exemptions if one not in used))
