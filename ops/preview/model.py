"""What an update would do to one stack: every change, and which of them cost data or are refused."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ops.preview.properties import Property


class Op(Enum):
    """What happens to a resource; the value is how people read it. In the order of a reviewer's concern."""

    DELETE = "delete"
    REPLACE = "replace"
    UPDATE = "change"
    CREATE = "create"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One resource that would change.

    Attributes:
        op: what happens to it.
        kind: its type, such as `Container`.
        name: its name in the program.
        component: which component declares it.
        properties: what differs.
        forced_by: the properties that force a replacement; empty where something it hangs on does.
        protected: whether state protects it, so that the engine refuses to replace or delete it.
        holds_data: whether it holds data that exist nowhere else.
    """

    op: Op
    kind: str
    name: str
    component: str
    properties: tuple[Property, ...] = ()
    forced_by: tuple[str, ...] = ()
    protected: bool = False
    holds_data: bool = False

    @property
    def removes(self) -> bool:
        """Whether what is there now goes."""
        return self.op in {Op.DELETE, Op.REPLACE}

    @property
    def refused(self) -> bool:
        """Whether the engine refuses it."""
        return self.removes and self.protected

    @property
    def costs_data(self) -> bool:
        """Whether data would be lost."""
        return self.removes and self.holds_data


@dataclass(frozen=True)
class Preview:
    """Every change of one stack, ordered by component, then by concern.

    Attributes:
        stack: the stack's name.
        changes: the changes.
        errors: what the engine complained about beside the protection of resources: the preview may be incomplete.
    """

    stack: str
    changes: tuple[Change, ...]
    errors: tuple[str, ...] = ()

    @property
    def refused(self) -> tuple[Change, ...]:
        """Protected resources that would be replaced or deleted."""
        return tuple(change for change in self.changes if change.refused)

    @property
    def alarming(self) -> tuple[Change, ...]:
        """What a reviewer has to see first: what is refused, and what costs data."""
        return tuple(change for change in self.changes if change.refused or change.costs_data)

    def count(self, op: Op) -> int:
        """How many resources `op` happens to."""
        return Counter(change.op for change in self.changes)[op]

    def by_component(self) -> dict[str, tuple[Change, ...]]:
        """Component → its changes."""
        grouped = groupby(self.changes, key=lambda change: change.component)
        return {component: tuple(changes) for component, changes in grouped}


def ordered(changes: list[Change]) -> tuple[Change, ...]:
    """By component, within it what removes first."""
    concern = {op: place for place, op in enumerate(Op)}
    return tuple(sorted(changes, key=lambda change: (change.component, concern[change.op], change.kind, change.name)))
