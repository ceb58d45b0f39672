"""Fixtures of the bounds cache's tests, over the servers of `conftest.py`."""

from collections.abc import Iterator

import pytest
import redis

from app.settings import Address, Settings
from tests.integration.app_parts import settings_for
from tests.integration.cache_parts import Writer


@pytest.fixture
def writer(postgres_owner: str) -> Iterator[Writer]:
    """An entry of one's own, folded."""
    writer = Writer(postgres_owner)
    yield writer
    writer.close()


@pytest.fixture
def own_settings(postgres_app: str, redis_sentinels: list[Address], redis_password: str) -> Settings:
    """Settings for the shared servers, patient with Redis so that a busy machine does not change what is seen."""
    return settings_for(postgres_app, redis_sentinels, redis_password, redis_deadline_ms=2000)


@pytest.fixture
def master(redis_sentinels: list[Address], redis_password: str) -> redis.Redis:
    """A client of the master, as a Sentinel names it."""
    host, port = redis_sentinels[0]
    with redis.Redis(host=host, port=port, password=redis_password) as sentinel:
        address = sentinel.sentinel_get_master_addr_by_name("mymaster")
    assert address is not None
    return redis.Redis(host=address[0], port=address[1], password=redis_password)
