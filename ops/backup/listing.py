"""`make backups`: what there is, and what can be reached."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.filesize import decimal
from rich.table import Table

if TYPE_CHECKING:
    from rich.console import Console

    from ops.backup.repository import Content

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def show(content: Content, stack: str, console: Console) -> None:
    """Prints the backups, newest last, and the range of moments."""
    if content.reach is None:
        console.print(f"no backup yet: make backup STACK={stack} makes one")
        return
    table = Table()
    for name, justify in (("backup", "left"), ("kind", "left"), ("ended", "left"), ("age", "right")):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]  # one of rich's own words
    for name in ("took", "database", "repository"):
        table.add_column(name, justify="right")
    now = datetime.now(UTC)
    for one in content.backups:
        table.add_row(
            f"{one.label} [red]damaged pages[/red]" if one.error else one.label,
            one.kind,
            moment(one.ended),
            _span((now - one.ended).total_seconds()),
            _span((one.ended - one.begun).total_seconds()),
            decimal(one.database_bytes),
            decimal(one.repository_bytes),
        )
    console.print(table)
    first, last = content.reach
    console.print(f"any moment from {moment(first)} to {moment(last)}: make restore TO='…'", highlight=False)


def as_json(content: Content) -> str:
    """The same as JSON, moments in ISO 8601."""
    reach = content.reach
    told = {
        "backups": [asdict(one) for one in content.backups],
        "earliest": reach and reach[0],
        "latest": reach and reach[1],
    }
    return json.dumps(told, indent=2, default=lambda value: value.isoformat())


def moment(at: datetime) -> str:
    """A moment in UTC, to the second, as `make restore` takes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def _span(seconds: float) -> str:
    for size, unit in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
