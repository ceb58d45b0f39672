"""Reads the engine's events of a preview, of an update or of a refresh, into the model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ops.preview.model import Change, Op, Preview, ordered
from ops.preview.properties import SECRET, Property, changed, forced_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pulumi.automation import DiagnosticEvent, EngineEvent, StepEventMetadata

_OPS = {
    "create": Op.CREATE,
    "import": Op.CREATE,
    "update": Op.UPDATE,
    "replace": Op.REPLACE,
    "delete": Op.DELETE,
}
_VOLUME = "docker:index/volume:Volume"
_FILES = "dynamic/placement:Files"
"""What fills a volume anew with every `up`: such a volume holds nothing that would be missed."""
_OWN = "mundo:"
_NO_COMPONENT = "stack"


@dataclass
class Reader:
    """Listens to the events of one preview.

    Attributes:
        stack: name of the stack.
        hide: the stack's secrets, masked wherever one stands in a value that the engine does not mark.
    """

    stack: str
    hide: Sequence[str] = ()
    _steps: dict[str, tuple[StepEventMetadata, bool]] = field(default_factory=dict)
    _filled: set[str] = field(default_factory=set)
    _errors: list[DiagnosticEvent] = field(default_factory=list)

    def __call__(self, event: EngineEvent) -> None:
        """One engine event: a planned step is remembered, what a refresh found, and what is complained about."""
        if event.diagnostic_event and event.diagnostic_event.severity == "error":
            self._errors.append(event.diagnostic_event)
        outcome = event.res_outputs_event or event.resource_pre_event
        if outcome is None:
            return
        metadata = outcome.metadata
        if _type(metadata.urn).endswith(_FILES):
            self._filled.update(_inputs(metadata, "volume"))
        state = metadata.new or metadata.old
        if _op(metadata) in _OPS and state and state.custom and "::pulumi:" not in metadata.urn:
            self._steps.setdefault(metadata.urn, (metadata, event.res_outputs_event is not None))

    def preview(self) -> Preview:
        """The model of what was heard."""
        changes = [self._change(metadata, found=found) for metadata, found in self._steps.values()]
        refused = {urn for urn, (metadata, _) in self._steps.items() if _protected(metadata)}
        errors = dict.fromkeys(
            self._masked(one.message.strip())
            for one in self._errors
            if one.urn not in refused and one.message.strip() != "preview failed"
        )
        return Preview(self.stack, ordered(changes), tuple(errors))

    def _change(self, metadata: StepEventMetadata, *, found: bool) -> Change:
        op = _OPS[_op(metadata)]
        kind = _type(metadata.urn)
        volume = kind == _VOLUME and not self._filled & set(_inputs(metadata, "name"))
        differ = op in {Op.UPDATE, Op.REPLACE}
        return Change(
            op=op,
            kind=kind.rsplit(":", 1)[-1],
            name=metadata.urn.rsplit("::", 1)[-1],
            component=_component(metadata.urn),
            properties=tuple(map(self._hidden, changed(metadata, found=found))) if differ else (),
            forced_by=forced_by(metadata) if op is Op.REPLACE else (),
            protected=_protected(metadata),
            holds_data=volume,
        )

    def _hidden(self, one: Property) -> Property:
        before, after = (value if value is None else self._masked(value) for value in (one.before, one.after))
        return Property(one.name, before, after)

    def _masked(self, text: str) -> str:
        for secret in self.hide:
            text = text.replace(secret, SECRET)
        return text


def _protected(metadata: StepEventMetadata) -> bool:
    """Whether state protects it: what the program says now counts from the next update on."""
    return bool(metadata.old and metadata.old.protect)


def _inputs(metadata: StepEventMetadata, key: str) -> Iterator[str]:
    """The values of input `key` before and after."""
    for state in (metadata.old, metadata.new):
        value = (state.inputs or {}).get(key) if state else None
        if isinstance(value, str):
            yield value


def _op(metadata: StepEventMetadata) -> str:
    return str(getattr(metadata.op, "value", metadata.op))


def _type(urn: str) -> str:
    """The resource's own type, without its parents'."""
    return urn.split("::")[2].rsplit("$", 1)[-1]


def _component(urn: str) -> str:
    """The outermost component it belongs to, as its type is named: `cache` of `mundo:cache:Cache`."""
    outermost = urn.split("::")[2].split("$", 1)[0]
    return outermost.split(":")[1] if outermost.startswith(_OWN) else _NO_COMPONENT
