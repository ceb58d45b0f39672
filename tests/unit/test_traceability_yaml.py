"""A matrix that is none is refused, one line for each reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.traceability_checkout import checked, document, put

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_ONE = "docs/traceability.yaml:6: OPT1-01: "


def with_first(**values: Any) -> Callable[[dict[str, Any]], None]:
    def change(matrix: dict[str, Any]) -> None:
        matrix["optimizations"][0]["requirements"][0].update(values)

    return change


def twice(matrix: dict[str, Any]) -> None:
    requirements = matrix["optimizations"][0]["requirements"]
    requirements.append(dict(requirements[0]))


def under_another(matrix: dict[str, Any]) -> None:
    matrix["optimizations"][0]["requirements"][0]["id"] = "OPT2-07"


def without_any(matrix: dict[str, Any]) -> None:
    matrix["optimizations"][2]["requirements"] = []


def without_one(matrix: dict[str, Any]) -> None:
    matrix["optimizations"].pop()


REFUSED: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "unknown key": (with_first(owner="me"), _ONE + "owner: Extra inputs are not permitted"),
    "unknown kind": (
        with_first(artifacts={"sounds": ["moo"]}),
        _ONE + "artifacts.sounds: Extra inputs are not permitted",
    ),
    "unknown status": (with_first(status="done"), _ONE + "status: Input should be 'met' or 'planned'"),
    "planned without gap": (with_first(status="planned"), _ONE + "status planned needs `gap`: what is missing"),
    "met with gap": (with_first(gap="A little is missing."), _ONE + "`gap` is allowed with status planned only"),
    "no sentence": (with_first(text="Short."), _ONE + "text: String should have at least 10 characters"),
    "a link twice": (
        with_first(evidence=["README.md", "README.md"]),
        _ONE + "evidence: README.md is listed twice",
    ),
    "outside": (
        with_first(artifacts={"files": ["docs/../../etc/passwd"]}),
        _ONE + "artifacts.files.0: 'docs/../../etc/passwd' has not the form that is allowed",
    ),
    "a whole test file": (
        with_first(tests=["tests/test_cache.py"]),
        _ONE + "tests.0: 'tests/test_cache.py' has not the form that is allowed",
    ),
    "a test's parameter": (
        with_first(tests=["tests/test_cache.py::test_get[c]"]),
        _ONE + "tests.0: 'tests/test_cache.py::test_get[c]' has not the form that is allowed",
    ),
    "evidence that is no page": (
        with_first(evidence=["docs/picture.svg"]),
        _ONE + "evidence.0: 'docs/picture.svg' has not the form that is allowed",
    ),
    "an id twice": (twice, "docs/traceability.yaml: OPT1-01 is there twice: ids are unique"),
    "an id of another": (under_another, "docs/traceability.yaml: OPT2-07 stands under OPT1"),
    "nothing asked for": (without_any, "docs/traceability.yaml: OPT3 has no requirement"),
    "one missing": (
        without_one,
        "docs/traceability.yaml: optimizations are OPT1, OPT2, OPT3, OPT4: allowed are OPT1, OPT2, OPT3, OPT4, OPT5",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_matrix_is_one_line(tmp_path: Path, name: str) -> None:
    change, refusal = REFUSED[name]
    matrix = document()
    change(matrix)
    put(tmp_path, matrix)
    status, faults, shown = checked(tmp_path)
    assert status == 1
    (fault,) = faults
    assert fault.startswith(f"error: {refusal}")
    assert shown == ""


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    matrix = document()
    for part in matrix["optimizations"][:3]:
        del part["requirements"][0]["text"]
    put(tmp_path, matrix)
    _, faults, _ = checked(tmp_path)
    assert [fault.partition("OPT")[2] for fault in faults] == [f"{n}-01: text: Field required" for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("optimizations: [\n", "error: docs/traceability.yaml:2: expected the node content"),
        (
            "optimizations: []\noptimizations: []\n",
            "error: docs/traceability.yaml:2: key 'optimizations' is there twice",
        ),
        ("", "error: docs/traceability.yaml: Input should be a valid dictionary or instance of Matrix"),
        ("- 1\n", "error: docs/traceability.yaml: Input should be a valid dictionary or instance of Matrix"),
        ("optimizations: []\n", "error: docs/traceability.yaml: optimizations are none: allowed are OPT1, OPT2"),
        ("!!python/name:os.system\n", "error: docs/traceability.yaml:1: could not determine a constructor"),
    ],
)
def test_what_is_no_matrix_is_one_line(tmp_path: Path, text: str, refusal: str) -> None:
    put(tmp_path, text)
    status, faults, _ = checked(tmp_path)
    assert status == 1
    (fault,) = faults
    assert fault.startswith(refusal)


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    assert checked(tmp_path)[:2] == (1, ["error: docs/traceability.yaml: No such file or directory"])
