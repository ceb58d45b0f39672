"""Reading docs/traceability.yaml: the matrix, or one line for each thing that is wrong with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import ValidationError

from ops.traceability.model import Matrix

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence
    from pathlib import Path

NAME = "docs/traceability.yaml"
"""The file, relative to the repository."""


class TraceabilityError(Exception):
    """The file is no matrix; `problems` has one line for each reason."""

    def __init__(self, problems: Sequence[str]) -> None:
        """Keep the lines."""
        super().__init__("\n".join(problems))
        self.problems = list(problems)


class _Loader(yaml.SafeLoader):
    """Refuses a key that is there twice, whose first value would be lost."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - the base's signature
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"key '{key.value}' is there twice", problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


class Source:
    """Text of the file, to say on which line a requirement begins."""

    def __init__(self, text: str) -> None:
        """Look the requirements up."""
        self._lines = {
            match[1]: text.count("\n", 0, match.start()) + 1 for match in re.finditer(r"\bid: *(OPT\d-\d\d)\b", text)
        }

    def problem(self, requirement: str | None, what: str) -> str:
        """One line: where, of which requirement, what."""
        if requirement is None:
            return f"{NAME}: {what}"
        line = self._lines.get(requirement)
        return f"{NAME}{f':{line}' if line else ''}: {requirement}: {what}"


def read(root: Path) -> tuple[Matrix, Source]:
    """Return the matrix of the checkout at `root`, and its source.

    Raises:
        TraceabilityError: the file is not there, is no YAML, or holds what it may not.
    """
    try:
        text = (root / NAME).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TraceabilityError([f"{NAME}: {getattr(error, 'strerror', None) or error}"]) from None
    source = Source(text)
    try:
        document = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise TraceabilityError([f"{NAME}{f':{mark.line + 1}' if mark else ''}: {error.problem}"]) from None
    try:
        return Matrix.model_validate(document), source
    except ValidationError as error:
        raise TraceabilityError([_line(document, source, found) for found in error.errors()]) from None


def _line(document: Any, source: Source, error: Any) -> str:
    """One line for one of pydantic's findings, by the id of the requirement that it is in."""
    where, requirement, rest = document, None, []
    for step in error["loc"]:
        rest.append(str(step))
        try:
            where = where[step]
        except (KeyError, IndexError, TypeError):
            continue
        if isinstance(where, dict) and re.fullmatch(r"OPT\d-\d\d", str(where.get("id", ""))):
            requirement, rest = str(where["id"]), []
    text = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "string_pattern_mismatch":
        text = f"'{error['input']}' has not the form that is allowed: {error['ctx']['pattern']}"
    return source.problem(requirement, ": ".join([".".join(rest), text] if rest else [text]))
