"""How much of what was asked for is traced to artifacts, tests and evidence; the numbers behind the service's metrics.

`make traceability WRITE=1` counts docs/traceability.yaml and writes the file that is read here, so that a running
service knows the state of the release that it was built from.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, NonNegativeInt

FILE = Path(__file__).resolve().parent / "data" / "traceability.json"
"""The numbers, made with the release."""


class Counts(BaseModel):
    """Numbers of a set of requirements.

    Attributes:
        requirements: how many there are.
        traced: how many of them are met and lead to an artifact, a test and evidence each.
        artifacts: different things that they lead to: files, SQL objects, alerts and so on, without tests and pages.
        links: all links from a requirement to an artifact, a test or a page.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    requirements: NonNegativeInt
    traced: NonNegativeInt
    artifacts: NonNegativeInt
    links: NonNegativeInt

    @property
    def ratio(self) -> float:
        """Share of the requirements that are traced, 0 to 1; 0 where there is none."""
        return self.traced / self.requirements if self.requirements else 0.0


class Summary(Counts):
    """Numbers of the whole project, and of each optimization (`OPT1` to `OPT5`).

    An artifact that two optimizations share counts once in the whole.
    """

    optimizations: dict[str, Counts]


@cache
def summary() -> Summary:
    """Return the numbers of this release; its ratio is `summary().ratio`.

    Raises:
        OSError, ValueError: the release was built without them.
    """
    return Summary.model_validate_json(FILE.read_bytes())
