"""How much a run does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from benchmarks.blocks import LEAST_PAIRS


class OptionError(ValueError):
    """An option is wrong; the text is one line."""


@dataclass(frozen=True)
class Options:
    """Scale parameters.

    Attributes:
        scale: name of the set that the others come from.
        pairs: of every comparison that is cheap to repeat.
        single_pairs: of single inserts, whose noise is larger.
        rows: of a COPY batch.
        single_rows: single inserts of a round.
        entries: catalogue entries of the refresh and of the readers.
        geometries: of these entries.
        search_entries: entries of the search.
        search_geometries: geometries of these; the search reads none, but they must be there.
        pair_entries: entries of the refresh's pairs.
        pair_geometries: geometries of the refresh's pairs; a full recomputation must be repeatable.
        refresh_pairs: of a refresh and a full recomputation.
        window_pairs: of windows with and without a refresh.
        search_pairs: of rounds of searches.
        seconds: length of a window under load.
        queries: of a search in a round.
        drains: years drained one after the other.
    """

    scale: str
    pairs: int
    single_pairs: int
    rows: int
    single_rows: int
    entries: int
    geometries: int
    search_entries: int
    search_geometries: int
    pair_entries: int
    pair_geometries: int
    refresh_pairs: int
    window_pairs: int
    search_pairs: int
    seconds: float
    queries: int
    drains: int


SCALES: Final = {
    options.scale: options
    for options in (
        Options("small", 12, 40, 1000, 20, 2_000, 20_000, 20_000, 20_000, 1_000, 10_000, 12, 12, 12, 1.0, 10, 3),
        Options("medium", 20, 100, 2000, 25, 20_000, 200_000, 100_000, 100_000, 2_000, 20_000, 12, 12, 12, 2.0, 20, 6),
        Options(
            "full", 40, 200, 2000, 25, 100_000, 1_000_000, 100_000, 1_000_000, 4_000, 40_000, 12, 20, 12, 4.0, 20, 10
        ),
    )
}
"""What `--scale` may be."""


def chosen(scale: str, **given: int | None) -> Options:
    """The options of a scale with what was given in their place.

    Raises:
        OptionError: no such scale, or a value that makes no sense.
    """
    if scale not in SCALES:
        raise OptionError(f"--scale is {scale}, allowed is {', '.join(SCALES)}")
    if given.get("pairs") is not None:
        given |= dict.fromkeys(("single_pairs", "refresh_pairs", "window_pairs", "search_pairs"), given["pairs"])
    if given.get("entries") is not None:
        given["search_entries"] = given["entries"]
    if given.get("geometries") is not None:
        given["search_geometries"] = given["geometries"]
    numbers: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    options = replace(SCALES[scale], **numbers)
    for name in ("pairs", "single_pairs"):
        if getattr(options, name) < LEAST_PAIRS or getattr(options, name) % 2:
            raise OptionError(f"--pairs is {getattr(options, name)}, allowed is an even number from {LEAST_PAIRS} up")
    if not 1 <= options.rows <= 100_000:  # noqa: PLR2004
        raise OptionError(f"--rows is {options.rows}, allowed is 1 to 100000")
    if options.entries < 1000 or options.geometries < options.entries:  # noqa: PLR2004
        raise OptionError(
            f"--entries is {options.entries} and --geometries {options.geometries}:"
            " 1000 or more, and not fewer geometries than entries"
        )
    return options
