"""The check: no link is dead, and whatever counts as met leads somewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.traceability.collected import Collected, collected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.traceability.known import Known
    from ops.traceability.model import Matrix, Requirement
    from ops.traceability.read import Source

_ABSENT = {
    "files": "file {} is not there",
    "code": "{} is not defined in this checkout",
    "sql": "SQL object {} is defined in no migration, or dropped again",
    "alerts": "no alert rule is called {}",
    "metrics": "no metric is called {}",
    "kpis": "no KPI of dashboards/slo.py is called {}",
    "dashboards": "dashboards/generated/{}.json is not there",
    "make": "the Makefile has no target {}",
}


def check(matrix: Matrix, known: Known, source: Source) -> list[str]:
    """One line for each fault of the matrix; none if it holds.

    Raises:
        OpsError: the tests cannot be listed.
    """
    files = {file for requirement in matrix.requirements() for file in _pytest_files(requirement)}
    tests = collected(known.root, [file for file in files if (known.root / file).is_file()])
    return [
        source.problem(requirement.id, fault)
        for requirement in matrix.requirements()
        for fault in _faults(requirement, known, tests)
    ]


def _pytest_files(requirement: Requirement) -> list[str]:
    return [test.partition("::")[0] for test in requirement.tests if "::" in test]


def _faults(requirement: Requirement, known: Known, tests: Collected) -> Iterator[str]:
    if requirement.status == "met":
        for kind in requirement.missing:
            yield f"no {kind} is linked: link one, or say status: planned and the gap"
    for kind, name in requirement.artifacts.all():
        if not known.has(kind, name):
            yield "artifacts: " + _ABSENT[kind].format(name)
    for test in requirement.tests:
        yield from _test_faults(test, known, tests)
    for link in requirement.evidence:
        page, _, anchor = link.partition("#")
        if not (known.root / page).is_file():
            yield f"evidence: page {page} is not there"
        elif anchor and anchor not in known.anchors(page):
            yield f"evidence: {page} has no heading with the anchor #{anchor}"


def _test_faults(test: str, known: Known, tests: Collected) -> Iterator[str]:
    file, _, name = test.partition("::")
    if not (known.root / file).is_file():
        yield f"tests: file {file} is not there"
    elif name and file in tests.broken:
        yield f"tests: pytest cannot read {file}: {tests.broken[file]}"
    elif name and test not in tests.tests:
        yield f"tests: pytest does not find {test}"
