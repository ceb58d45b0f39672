"""Times as requests give them (RFC 3339): instants, days, and intervals with open ends."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_OPEN = ("", "..")


@dataclass(frozen=True, slots=True)
class Span:
    """From one instant to another, both included; None is without an end."""

    start: datetime | None
    end: datetime | None


def instant(text: str) -> datetime:
    """Return a time of RFC 3339 in UTC; raises ValueError."""
    if not _INSTANT.fullmatch(text.upper()):
        raise ValueError(f"{text[:40]!r} is no time like 2026-01-31T12:00:00Z")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{text[:40]!r} is no time of the calendar") from None


def calendar_day(text: str) -> date:
    """Return a day of RFC 3339; raises ValueError."""
    if not _DAY.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is no day like 2026-01-31")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text[:40]!r} is no day of the calendar") from None


def day(text: str) -> Span:
    """Return a day of RFC 3339 as its first and last instant in UTC; raises ValueError."""
    found = calendar_day(text)
    return Span(datetime.combine(found, time.min, UTC), datetime.combine(found, time.max, UTC))


def moment(text: str) -> Span:
    """Return a time or a day; raises ValueError."""
    if _DAY.fullmatch(text):
        return day(text)
    found = instant(text)
    return Span(found, found)


def span(text: str) -> Span:
    """Return what `datetime` of OGC API asks for: a time, a day, or an interval `from/to`; raises ValueError."""
    first, slash, last = text.partition("/")
    if not slash:
        return moment(first)
    start = None if first in _OPEN else moment(first).start
    end = None if last in _OPEN else moment(last).end
    if start is not None and end is not None and start > end:
        raise ValueError("the interval ends before it begins")
    return Span(start, end)
