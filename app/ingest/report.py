"""What an ingest tells: while it runs, and at its end."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Stage = Literal["digest", "wait", "load", "commit", "analyze", "refresh", "compare"]


@dataclass(slots=True, frozen=True)
class Progress:
    """Where an ingest is: its stage, the bytes of the file behind it and in all, and the features read."""

    stage: Stage
    done: int = 0
    total: int = 0
    features: int = 0


OnProgress = Callable[[Progress], None]


@dataclass(slots=True, frozen=True)
class Reject:
    """A feature that was not stored: its position in the file (from 0), its id there, and why (pt-BR)."""

    feature_index: int
    feature_id: str | None
    reason: str


@dataclass(slots=True, frozen=True)
class Difference:
    """A feature whose declared measure and PostGIS's differ; `relative` is against the declared one."""

    feature_id: str
    name: str
    declared: float
    computed: float
    repaired: bool

    @property
    def absolute(self) -> float:
        """The difference without its sign, in the measure's unit."""
        return abs(self.computed - self.declared)

    @property
    def relative(self) -> float:
        """The difference without its sign, as a fraction of the declared value."""
        if self.declared == 0:
            return float("inf") if self.computed else 0.0
        return self.absolute / abs(self.declared)


@dataclass(slots=True, frozen=True)
class Comparison:
    """A measure that the file declares (`unit`) beside PostGIS's on the ellipsoid: how many, and the worst two."""

    measure: str
    unit: str
    compared: int
    out_of: int
    largest_absolute: Difference
    largest_relative: Difference


@dataclass(slots=True)
class IngestReport:
    """The outcome of one ingest; `read == stored + rejected`, always.

    `seconds` runs from the first byte to the commit, `afterwards` from there until the API can answer (views, bounds,
    statistics). `rejects` holds the first few; all are in importacao_rejeitos under `import_id`.
    """

    file: str
    format: str
    digest: str
    import_id: int
    read: int
    stored: int
    rejected: int
    repaired: int
    seconds: float = 0.0
    afterwards: float = 0.0
    already_loaded: bool = False
    rejects: list[Reject] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Features read per second until the commit."""
        return self.read / self.seconds if self.seconds else 0.0
