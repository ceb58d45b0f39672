"""pg_partman doing the same job: its image, its table, and the comparison (`run`)."""

from benchmarks.partman.compare import run

__all__ = ["run"]
