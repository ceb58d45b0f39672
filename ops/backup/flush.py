"""Empties the cache of bounds after a restore: what it holds may be newer than the database."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import redis

from components.cache_config import MASTER_NAME, OPERATOR, REDIS_PORT, SENTINEL_PORT
from ops.errors import OpsError

if TYPE_CHECKING:
    from collections.abc import Sequence

_TRIES = 60


def flush(sentinels: Sequence[str], password: str) -> None:
    """Empties the master, and with it its replicas.

    Args:
        sentinels: addresses of the Sentinels.
        password: of all members.

    Raises:
        OpsError: no master could be asked for a minute.
    """
    reason = "no Sentinel answers"
    for _ in range(_TRIES):
        for address in sentinels:
            try:
                _flush_by(address, password)
            except redis.RedisError as error:
                reason = str(error)
            else:
                return
        time.sleep(1)
    raise OpsError(
        f"the database is restored, but the cache could not be emptied and may hold what is no longer so: {reason}; "
        "make restore once more, when Redis is well"
    )


def _flush_by(sentinel: str, password: str) -> None:
    with redis.Redis(sentinel, SENTINEL_PORT, password=password, socket_timeout=2, socket_connect_timeout=2) as asked:
        found = asked.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER_NAME)
    if not found:
        raise redis.ConnectionError("no master is known")
    host = found[0].decode() if isinstance(found[0], bytes) else str(found[0])
    with redis.Redis(
        host, REDIS_PORT, username=OPERATOR, password=password, socket_timeout=5, socket_connect_timeout=2
    ) as master:
        master.flushall()
