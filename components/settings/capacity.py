"""What capacity is planned for."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from components.settings.base import Concern

_Rate = Annotated[float, Field(ge=-0.9, le=10)]


class Growth(Concern):
    """Three scenarios: by how much more rows a year brings than the year before it (0.2 is 20 % more)."""

    low: _Rate = Field(default=0.05, description="yearly growth of the rows that come in, cautious scenario")
    expected: _Rate = Field(default=0.2, description="yearly growth of the rows that come in, expected scenario")
    high: _Rate = Field(default=0.5, description="yearly growth of the rows that come in, boldest scenario")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.low <= self.expected <= self.high:
            raise ValueError(f"low {self.low:g}, expected {self.expected:g} and high {self.high:g} are not in order")
        return self


class CapacitySettings(Concern):
    """The capacity plan: its last year and its scenarios; it begins with the current year."""

    last_year: int = Field(default=2035, ge=2026, le=2200, description="last year of the plan")
    growth: Growth = Field(default=Growth(), description="scenarios of yearly growth")
