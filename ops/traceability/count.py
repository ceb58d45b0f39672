"""The numbers of a matrix, for people, for the page and for the service's metrics."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypedDict

from app.traceability import Counts, Summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ops.traceability.model import Matrix, Requirement

NUMBERS = "app/data/traceability.json"
"""The file that the service reads, relative to the repository."""


class _Numbers(TypedDict):
    requirements: int
    traced: int
    artifacts: int
    links: int


def count(matrix: Matrix) -> Summary:
    """Count the matrix; whether its links are dead is the check's business."""
    return Summary(
        **_numbers(list(matrix.requirements())),
        optimizations={part.id: Counts(**_numbers(part.requirements)) for part in matrix.optimizations},
    )


def text(matrix: Matrix) -> str:
    """Contents of the file for the service."""
    return json.dumps(count(matrix).model_dump(), indent=2) + "\n"


def _numbers(requirements: Sequence[Requirement]) -> _Numbers:
    return {
        "requirements": len(requirements),
        "traced": sum(requirement.traced for requirement in requirements),
        "artifacts": len({artifact for requirement in requirements for artifact in requirement.artifacts.all()}),
        "links": sum(requirement.links for requirement in requirements),
    }
