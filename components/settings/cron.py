"""Schedules as pg_cron reads them, checked before a server sees them."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

_SECONDS = re.compile(r"([1-9]|[1-5]\d) seconds?")
_ALLOWED = "a cron expression of five fields (UTC), or 'N seconds' with N from 1 to 59"
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_FIELDS: tuple[tuple[str, int, int, list[str]], ...] = (
    ("minute", 0, 59, []),
    ("hour", 0, 23, []),
    ("day of the month", 1, 31, []),
    ("month", 1, 12, ["", *_MONTHS]),
    ("day of the week", 0, 7, _DAYS),
)
_PART = re.compile(r"(?:\*|([a-z0-9]+)(?:-([a-z0-9]+))?)(?:/(\d+))?")


def check(schedule: str) -> str:
    """The schedule as it is, if pg_cron understands it.

    Raises:
        ValueError: one line that names the field and what is allowed in it.
    """
    if _SECONDS.fullmatch(schedule):
        return schedule
    fields = schedule.split(" ")
    if len(fields) != len(_FIELDS):
        raise ValueError(f"allowed is {_ALLOWED}")
    for text, (name, least, most, names) in zip(fields, _FIELDS, strict=True):
        for part in text.lower().split(","):
            if not _fits(part, least, most, names):
                raise ValueError(f"'{text}' is no {name} ({least} to {most}, '*', 'a-b', 'a,b' or '*/n')")
    return schedule


def _fits(part: str, least: int, most: int, names: list[str]) -> bool:
    found = _PART.fullmatch(part)
    if found is None or (found[3] is not None and not 1 <= int(found[3]) <= most):
        return False
    # pg_cron takes a step of a range or of '*', not of a single value.
    if found[3] is not None and found[1] is not None and found[2] is None:
        return False
    bounds = [_number(word, names) for word in (found[1], found[2]) if word is not None]
    return all(least <= number <= most for number in bounds) and bounds == sorted(bounds)


def _number(word: str, names: list[str]) -> int:
    if word.isdecimal():
        return int(word)
    return names.index(word) if word in names else -1


CronSchedule = Annotated[str, Field(description=_ALLOWED), AfterValidator(check)]
