"""A preview as Markdown: what alarms on top and in bold, then the changes by component, never longer than a limit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from ops.preview.model import Change, Op, Preview

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LIMIT = 60_000
"""Bytes; GitHub takes 65,536 characters of a comment, and a marker comes before."""
_LONGEST = 160
_DONE = {Op.DELETE: "deleted", Op.REPLACE: "replaced", Op.UPDATE: "changed", Op.CREATE: "created"}
_RESERVE = 600
"""Bytes kept for the line that says what was cut."""


class _Entry(NamedTuple):
    section: str
    text: str


def render(preview: Preview, *, limit: int = LIMIT, link: str = "", title: str = "Preview") -> str:
    """The preview as Markdown of at most `limit` bytes.

    Args:
        preview: what would change.
        limit: bytes; what does not fit is left out from the end, and a line says what.
        link: where the whole of it is.
        title: its first words.
    """
    head = f"## {title} of stack `{preview.stack}`: {_summary(preview)}\n"
    entries = [*_alarms(preview), *_sections(preview)]
    kept, size = 0, len(head.encode()) + _RESERVE + len(link.encode())
    for entry in entries:
        size += len(entry.text.encode())
        if size > limit:
            break
        kept += 1
    cut = _cut(entries[kept:], link)
    return head + "".join(entry.text for entry in entries[:kept]) + cut


def _summary(preview: Preview) -> str:
    counted = [f"{preview.count(op)} {_DONE[op]}" for op in reversed(Op) if preview.count(op)]
    return ", ".join(counted) or "nothing would change"


def _alarms(preview: Preview) -> Iterator[_Entry]:
    for change in preview.alarming:
        reasons = [
            *(["it holds data"] if change.costs_data else []),
            *(["it is protected, so this is refused"] if change.refused else []),
        ]
        because = f" because of {_names(change.forced_by)}" if change.forced_by else ""
        what = f"{change.kind} {code(change.name)} of {change.component} would be {_DONE[change.op]}{because}"
        yield _Entry("warnings", f"\n> **{what}: {' and '.join(reasons)}**\n")
    for error in preview.errors:
        yield _Entry("warnings", f"\n> **The engine stopped, the rest may be missing:** {code(error)}\n")


def _sections(preview: Preview) -> Iterator[_Entry]:
    for component, changes in preview.by_component().items():
        for place, change in enumerate(changes):
            heading = "" if place else f"\n### {component}\n\n"
            yield _Entry(component, heading + _change(change))


def _change(change: Change) -> str:
    line = f"- **{change.op.value}** {change.kind} {code(change.name)}"
    if change.op is Op.REPLACE:
        forced = f"forced by {_names(change.forced_by)}" if change.forced_by else "with what it depends on"
        line += f", **{forced}**"
    rows = [line]
    for one in change.properties:
        if one.before is None and one.after is None:
            rows.append(f"  - {code(one.name)}")
        else:
            before = "" if one.before is None else f"{code(one.before)} → "
            rows.append(f"  - {code(one.name)}: {before}{code(one.after or '')}")
    return "\n".join(rows) + "\n"


def _cut(entries: Sequence[_Entry], link: str) -> str:
    """The line that says what does not stand here; nothing where everything does."""
    if not entries:
        return ""
    sections = dict.fromkeys(entry.section for entry in entries)
    counted = [f"{name} {sum(entry.section == name for entry in entries)}" for name in sections]
    whole = f"; [the whole of it]({link})" if link else ""
    return f"\n**Cut here**: {len(entries)} more do not fit ({', '.join(counted)[:400]}){whole}\n"


def _names(names: Sequence[str]) -> str:
    return ", ".join(code(name) for name in names)


def code(text: str) -> str:
    """The text as one line of code that no character of it can leave, cut where it is long."""
    line = " ".join(text.split()) or '""'
    if len(line) > _LONGEST:
        line = f"{line[:_LONGEST]}…"
    fence = "`" * (max((len(run) for run in re.findall("`+", line)), default=0) + 1)
    space = " " if "`" in line else ""
    return f"{fence}{space}{line}{space}{fence}"
