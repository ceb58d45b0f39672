"""How an alert's story is told: series at one sample a 15 s, and three moments to look.

A promtool series `a+0x8 b+0x20` holds a for samples 0 to 8, then b; `stale` ends it, as a scrape that lacks it does.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

STEP_SECONDS = 15
_PART = re.compile(r"(_|-?[\d.]+)([+-][\d.]+)?(?:x(\d+))?")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One alert's story.

    Attributes:
        alert: its name.
        series: series → samples in promtool's notation.
        silent, firing, resolved: moments, in samples, at which it does not fire yet, fires, and fires no more.
        labels: labels of the firing alert besides severity and component.
        says: what its description contains.
        pending: a moment, in samples, when it does not hold for long enough yet; None where it fires at once.
    """

    alert: str
    series: Mapping[str, str]
    says: str
    silent: int = 8
    pending: int | None = 9
    firing: int = 39
    resolved: int = 60
    labels: Mapping[str, str] = field(default_factory=dict)


def bad_between(good: str, bad: str) -> str:
    """Good for samples 0 to 8, bad for 9 to 40, good again."""
    return f"{good}x8 {bad}x31 {good}x40"


ALWAYS = "1+0x80"
DIES = bad_between("1+0", "0+0")
LEAVES = "1+0x8 stale _x31 1+0x40"
COMES = "_x9 1+0x31 stale"


def cut(samples: str, count: int, length: int) -> str:
    """The first `count` samples of a series, then nothing more, as long as `length` samples.

    Raises:
        ValueError: a part of the notation is not known here.
    """
    values: list[str] = []
    for part in samples.split():
        if part == "stale":
            values.append(part)
            continue
        found = _PART.fullmatch(part)
        if not found:
            raise ValueError(f"unknown notation '{part}'")
        start, step, times = found.groups()
        numbers = range(1 + int(times or 0) if start != "_" else int(times or 1))
        values += ["_" if start == "_" else f"{float(start) + number * float(step or 0):.12g}" for number in numbers]
    kept = values[:count]
    return " ".join([*kept, "stale", f"_x{length - len(kept)}"])
