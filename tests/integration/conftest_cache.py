"""Fixtures of the bounds cache's tests, over the servers of `conftest.py`."""

from collections.abc import Iterator

import pytest

from tests.integration.cache_parts import Writer


@pytest.fixture
def writer(postgres_owner: str) -> Iterator[Writer]:
    """An entry of one's own, folded."""
    writer = Writer(postgres_owner)
    yield writer
    writer.close()
