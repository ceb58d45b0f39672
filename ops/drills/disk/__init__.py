"""Faults of the disk under PostgreSQL, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.drills.disk.full import ArchiveFull, DataFull, LogFull
from ops.drills.disk.page import PageCorrupted
from ops.drills.disk.readonly import VolumeReadOnly

if TYPE_CHECKING:
    from ops.drills.disk.base import Fault

FAULTS: dict[str, type[Fault]] = {
    "disk-full": DataFull,
    "disk-log-full": LogFull,
    "disk-archive-full": ArchiveFull,
    "disk-read-only": VolumeReadOnly,
    "disk-page-corrupted": PageCorrupted,
}
"""Name of a fault → what it is, in the order in which the drill makes them."""
