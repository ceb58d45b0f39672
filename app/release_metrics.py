"""What does not change while the service runs: how well the release is traced, and what was measured of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import Gauge

from app import release, traceability

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from app.traceability import Counts

_COUNTS = (
    ("requirements", "What was asked for"),
    ("traced", "Requirements met that lead to an artifact, a test and evidence each"),
    ("artifacts", "Different things that the requirements lead to"),
    ("links", "Links from a requirement to an artifact, a test or a page"),
    ("ratio", "Share of the requirements that are traced"),
)


def register(registry: CollectorRegistry) -> None:
    """Show the release's numbers in `registry`; `optimization` is OPT1 to OPT5, or `all`.

    Raises:
        OSError, ValueError: the release was built without its numbers.
    """
    summary = traceability.summary()
    parts: dict[str, Counts] = {**summary.optimizations, "all": summary}
    for name, meaning in _COUNTS:
        gauge = Gauge(f"mundo_traceability_{name}", meaning, ("optimization",), registry=registry)
        for part, counts in parts.items():
            gauge.labels(part).set(getattr(counts, name))
    value = Gauge("mundo_release_kpi", "A KPI as measured of this release", ("kpi",), registry=registry)
    measured = Gauge(
        "mundo_release_kpi_measured_timestamp_seconds", "When it was measured", ("kpi",), registry=registry
    )
    for kpi, evidence in release.evidence().items():
        value.labels(kpi).set(evidence.value)
        measured.labels(kpi).set(evidence.measured_at.timestamp())
