"""Exceptions from the policies: every one of them, with its reason. One that nothing needs fails the check."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class Exemption:
    """Resources that a policy does not hold for.

    Attributes:
        policy: name of the policy.
        resource: name of the resource; `*` stands for anything.
        reason: why.
    """

    policy: str
    resource: str
    reason: str

    def covers(self, policy: str, resource: str) -> bool:
        """Whether it is about this policy and this resource."""
        return policy == self.policy and fnmatchcase(resource, self.resource)


EXEMPTIONS: tuple[Exemption, ...] = ()
"""None is needed today."""
