"""One stack for the tests of its life, and a way to have another."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest

from tests.e2e.operator import Operator, another_stack, checkout, nothing_left

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="package")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    """An operator whose stack is up."""
    folder = tmp_path_factory.mktemp("operator")
    someone = Operator(checkout(folder / "checkout"), folder, f"e2e-{secrets.token_hex(3)}")
    try:
        someone.succeeds("up", "--side-by-side")
        yield someone
    finally:
        someone.mundo("down", "--force")
        nothing_left(someone)


@pytest.fixture
def neighbour(operator: Operator) -> Iterator[Operator]:
    """The same operator with another stack, which does not exist yet."""
    with another_stack(operator) as other:
        yield other
