"""What was measured of the release that runs: the numbers behind `mundo_release_kpi`.

`make evidence WRITE=1` gathers them from the published results and writes the file that is read here.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - pydantic needs it when the models are built
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, RootModel

FILE = Path(__file__).resolve().parent / "data" / "evidence.json"
"""The values, made with the release."""


class Evidence(BaseModel):
    """A measured KPI.

    Attributes:
        value: in the unit that `dashboards/slo.py` gives for it.
        measured_at: when it was measured.
        command: what measures it anew.
        source: the published page or file that it stands in, relative to the repository.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: float
    measured_at: datetime
    command: str
    source: str


class Measured(RootModel[dict[str, Evidence]]):
    """Measured KPIs by their name."""


@cache
def evidence() -> dict[str, Evidence]:
    """Return what was measured of this release, by the KPI's name.

    Raises:
        OSError, ValueError: the release was built without the file, or with a broken one.
    """
    return Measured.model_validate_json(FILE.read_bytes()).root
