"""Which properties differ in one step of the engine, and how; secrets and values not known yet are words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi.automation import StepEventMetadata

# How the engine marks a secret and a value that is not known yet, in its events.
_SECRET_MARK = "4dabf18193072939515e22adb298388d"  # noqa: S105 - a mark, no secret
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SECRET = "[secret]"  # noqa: S105 - what stands in place of one
UNKNOWN = "(known later)"


@dataclass(frozen=True)
class Property:
    """A property that differs; without values where the engine names it and nothing more can be shown."""

    name: str
    before: str | None = None
    after: str | None = None


def changed(metadata: StepEventMetadata, *, found: bool) -> tuple[Property, ...]:
    """The properties that differ, with both values; empty where the engine names none.

    Args:
        metadata: the step.
        found: whether it is what a refresh found, so that outputs count as well.
    """
    old, new = metadata.old, metadata.new
    named = {*(metadata.detailed_diff or ()), *(metadata.diffs or ()), *(metadata.keys or ())}
    if old and new:
        after = new.inputs or {}
        differing = _unequal(old.inputs or {}, after)
        if not differing and found:
            differing = _unequal(old.outputs or {}, new.outputs or {})
        if differing:
            # Two secrets look the same in an event: what the engine names beside the rest is said as well.
            hidden = after.keys() & named - {one.name for one in differing}
            return (*differing, *(Property(key, after=SECRET) for key in sorted(hidden) if SECRET in text(after[key])))
    return tuple(Property(name) for name in sorted(named))


def forced_by(metadata: StepEventMetadata) -> tuple[str, ...]:
    """The properties that make it a replacement, as the provider says."""
    detailed = {
        name
        for name, difference in (metadata.detailed_diff or {}).items()
        if str(getattr(difference.diff_kind, "value", difference.diff_kind)).endswith("replace")
    }
    return tuple(sorted(detailed or metadata.keys or ()))


def text(value: Any) -> str:
    """The value in words, on one line where it is short; secrets and unknown values without what they hide."""
    plain = _plain(value)
    return plain if isinstance(plain, str) else json.dumps(plain, default=str, ensure_ascii=False)


def _unequal(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Property, ...]:
    # `__provider` is the pickled class of a dynamic provider: what it does shows in the other properties.
    keys = sorted(key for key in {*before, *after} - {"__provider"} if before.get(key) != after.get(key))
    return tuple(Property(key, text(before.get(key)), text(after.get(key))) for key in keys)


def _plain(value: Any) -> Any:
    """The value with the engine's marks in words."""
    if isinstance(value, dict):
        return SECRET if _SECRET_MARK in value else {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return UNKNOWN if value == _UNKNOWN else value
