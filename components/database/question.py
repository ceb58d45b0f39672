"""A question that the metrics exporter asks the database, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Rhythm = Literal["often", "sometimes", "rarely"]
"""How often a question is asked. `often`: at every scrape, and cheap whatever the size of the catalogue. `sometimes`:
every minute. `rarely`: every few minutes, since it reads what grows with the catalogue."""

PREFIX: Final = "pg_mundo"
"""Begins the name of every metric."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """One query of the exporter.

    Attributes:
        name: its own name, unique.
        subject: what it is about; a metric is `pg_mundo_SUBJECT_COLUMN`. The same as the name unless it is given.
        sql: gives the columns of `labels` and `gauges`; a value that is NULL is no sample, and no row is no failure.
        gauges: column → its description.
        labels: column → its description; the rows are few, whatever the catalogue holds.
        rhythm: how often it is asked.
    """

    name: str
    subject: str = ""
    sql: str
    gauges: Mapping[str, str]
    labels: Mapping[str, str] = field(default_factory=dict)
    rhythm: Rhythm

    @property
    def metrics(self) -> dict[str, str]:
        """Column → name of its metric."""
        return {column: f"{PREFIX}_{self.subject or self.name}_{column}" for column in self.gauges}
