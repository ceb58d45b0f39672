"""The benchmarks by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchmarks import (
    archiving,
    bounds,
    drain,
    hit_rate,
    ingest,
    ingest_memory,
    major_upgrade,
    map,  # noqa: A004 -- the benchmark's name
    map_page,
    monitoring,
    next_year,
    partitions,
    partman,
    proxy,
    readers,
    refresh,
    restore,
    routes,
    search,
)
from benchmarks.major_upgrade import image as postgres_image
from benchmarks.partman import image

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.context import Context
    from benchmarks.report import Report

BENCHMARKS: Final[dict[str, Callable[[Context], Report]]] = {
    "partitions": partitions.run,
    "next-year": next_year.run,
    "drain": drain.run,
    "refresh": refresh.run,
    "readers": readers.run,
    "search": search.run,
    "routes": routes.run,
    "bounds": bounds.run,
    "proxy": proxy.run,
    "hit-rate": hit_rate.run,
    "map": map.run,
    "map-page": map_page.run,
    "ingest": ingest.run,
    "ingest-memory": ingest_memory.run,
    "monitoring": monitoring.run,
    "archiving": archiving.run,
    "restore": restore.run,
    "partman": partman.run,
    "major-upgrade": major_upgrade.run,
}
"""In the order in which `all` runs them; refresh, readers, search and routes share one filled catalogue."""

OTHER_IMAGES: Final[dict[str, Callable[[Callable[[str], None]], str]]] = {
    "partman": image.ensure,
    "major-upgrade": postgres_image.current,
}
"""Benchmarks that need another image than the project's own, or a server that nobody else needs after them, and what
builds it."""


def by_image(wanted: list[str], say: Callable[[str], None]) -> list[tuple[str | None, list[str]]]:
    """Benchmarks grouped by the image that they need; None is the project's own.

    Raises:
        ImageError: an image cannot be made.
    """
    groups: list[tuple[str | None, list[str]]] = []
    ours = [name for name in wanted if name not in OTHER_IMAGES]
    if ours:
        groups.append((None, ours))
    groups += [(OTHER_IMAGES[name](say), [name]) for name in wanted if name in OTHER_IMAGES]
    return groups
