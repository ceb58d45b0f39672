"""A planned switch of the Redis master, with writes paused for less than 100 ms and none lost.

`SENTINEL FAILOVER` alone promotes a replica while the old master still accepts writes, which are then lost; and the new
one refuses writes (min-replicas) until another replica has been sent to it, a second later. Redis' own `FAILOVER`
pauses writes only until the replica has caught up, and makes the old master its replica in the same step; alone it
would leave Sentinel believing in the old master for half a minute. Together they fit: Redis hands over, and Sentinel,
told to fail over at once, chooses the same replica (it has the best priority for the time being), finds it the master
already, and tells everybody.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from components.cache_config import MASTER_NAME, OPERATOR, REDIS_PORT, SENTINEL_PORT
from ops.errors import OpsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PAUSE_MS = 30
"""How long Redis holds writes back for the replica, at most."""

CATCH_UP_MS = 20
"""Within which the replica must have everything, or the hand-over is given up and tried again."""

_ANSWER_SECONDS = 2.0
_KNOWN_SECONDS = 20.0  # a Sentinel looks at each replica every 10 s
_AGREE_SECONDS = 20.0
_LAG_SECONDS = 1
_FIRST = 1
_TRIES = 10
_BETWEEN_TRIES_SECONDS = 0.5


@dataclass(frozen=True)
class Switched:
    """What was done.

    Attributes:
        old: address of the former master.
        new: address of the master.
        paused_ms: how long writes were held back.
    """

    old: str
    new: str
    paused_ms: float

    @property
    def text(self) -> str:
        """One line for the operator."""
        return f"the master is now {self.new} (was {self.old}); writes paused for {self.paused_ms:.0f} ms"


def switch_master(sentinels: Sequence[str], password: str) -> Switched:
    """Makes the replica that is the furthest the master, and waits until all Sentinels that answer name it.

    Args:
        sentinels: addresses of the Sentinels.
        password: of all members.

    Raises:
        OpsError: no Sentinel answers, no replica is fit (nothing was changed), or the switch did not come about.
    """
    with contextlib.ExitStack() as stack:
        asked = [stack.enter_context(_client(ip, SENTINEL_PORT, password)) for ip in sentinels]
        sentinel, old = _first_that_answers(asked)
        master = stack.enter_context(_client(old, REDIS_PORT, password, OPERATOR))
        new = _fit_replica(sentinel, master, old)
        replica = stack.enter_context(_client(new, REDIS_PORT, password, OPERATOR))
        with _preferred(sentinel, replica, new):
            paused_ms = _hand_over(master, replica, old, new)
            _tell(sentinel, new)
            _wait_agreed(asked, new)
    return Switched(old, new, paused_ms)


def _client(ip: str, port: int, password: str, username: str | None = None) -> redis.Redis:
    return redis.Redis(
        host=ip,
        port=port,
        username=username,
        password=password,
        decode_responses=True,
        socket_timeout=_ANSWER_SECONDS,
        socket_connect_timeout=_ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


@contextlib.contextmanager
def _plainly(what: str) -> Iterator[None]:
    try:
        yield
    except (redis.RedisError, OSError) as error:
        raise OpsError(f"{what}: {error}; nothing was changed") from None


def _first_that_answers(asked: list[redis.Redis]) -> tuple[redis.Redis, str]:
    for sentinel in asked:
        with contextlib.suppress(redis.RedisError, OSError):
            answer: Any = sentinel.sentinel_get_master_addr_by_name(MASTER_NAME)
            if answer:
                return sentinel, str(answer[0])
    raise OpsError("no Sentinel answers: is the stack up? (make status)")


def _fit_replica(sentinel: redis.Redis, master: redis.Redis, old: str) -> str:
    """The address of the replica that is the furthest, of those that the master and the Sentinel hold for healthy."""
    with _plainly(f"the master {old} does not answer"):
        info: Any = master.info("replication")
        replicas: Any = sentinel.sentinel_slaves(MASTER_NAME)
    healthy = {each["ip"] for each in replicas if each["flags"] == "slave"}
    following = [
        (value["offset"], value["ip"])
        for key, value in info.items()
        if key.startswith("slave") and isinstance(value, dict) and value["state"] == "online"
        if value["lag"] <= _LAG_SECONDS and value["ip"] in healthy
    ]
    if not following:
        raise OpsError(f"no replica of {old} is healthy and up to date: nobody to switch to; nothing was changed")
    return str(max(following)[1])


@contextlib.contextmanager
def _preferred(sentinel: redis.Redis, replica: redis.Redis, new: str) -> Iterator[None]:
    """Gives the replica the best priority, and waits until the Sentinel knows; afterwards it has its own again."""
    with _plainly(f"the replica {new} does not answer"):
        found: Any = replica.config_get("replica-priority")
        replica.config_set("replica-priority", _FIRST)
    try:
        _wait_known(sentinel, new)
        yield
    finally:
        with contextlib.suppress(redis.RedisError, OSError):
            replica.config_set("replica-priority", found["replica-priority"])


def _wait_known(sentinel: redis.Redis, new: str) -> None:
    end = time.monotonic() + _KNOWN_SECONDS
    while time.monotonic() < end:
        with _plainly("the Sentinel does not answer"):
            replicas: Any = sentinel.sentinel_slaves(MASTER_NAME)
        if any(each["ip"] == new and int(each["slave-priority"]) == _FIRST for each in replicas):
            return
        time.sleep(0.1)
    raise OpsError(f"Sentinel did not look at {new} within {_KNOWN_SECONDS:g} s; nothing was changed")


def _hand_over(master: redis.Redis, replica: redis.Redis, old: str, new: str) -> float:
    """Lets the master hand over to `new`: milliseconds that writes were paused.

    Redis goes on by itself when the replica has acknowledged everything, which it does once a second only. So what the
    replica really has is asked of the replica, and FORCE makes Redis go on at the time limit with that known.
    """
    order = ("FAILOVER", "TO", new, REDIS_PORT, "FORCE", "TIMEOUT", PAUSE_MS)
    for _ in range(_TRIES):
        with _plainly(f"{old} refuses to hand over to {new}"):
            begun = time.monotonic()
            master.execute_command(*order)  # type: ignore[no-untyped-call]
            if not _caught_up(master, replica, begun + CATCH_UP_MS / 1000):
                with contextlib.suppress(redis.ResponseError):  # it has just gone on
                    master.execute_command("FAILOVER", "ABORT")  # type: ignore[no-untyped-call]
            while True:
                state: Any = master.info("replication")
                if state["role"] == "slave":
                    return 1000 * (time.monotonic() - begun)
                if state["master_failover_state"] == "no-failover":
                    break
                time.sleep(0.001)
        time.sleep(_BETWEEN_TRIES_SECONDS)
    raise OpsError(f"{new} did not catch up with {old} within {CATCH_UP_MS} ms, {_TRIES} times; nothing was changed")


def _caught_up(master: redis.Redis, replica: redis.Redis, until: float) -> bool:
    """Whether the replica has all that the master, whose writes are paused, has."""
    while True:
        there: Any = master.info("replication")
        here: Any = replica.info("replication")
        if there["role"] == "slave" or here["role"] == "master":
            return True  # handed over already
        if here["slave_repl_offset"] >= there["master_repl_offset"]:
            return True
        if time.monotonic() > until:
            return False


def _tell(sentinel: redis.Redis, new: str) -> None:
    """Has the Sentinel do what has been done."""
    try:
        sentinel.execute_command("SENTINEL", "FAILOVER", MASTER_NAME)  # type: ignore[no-untyped-call]
    except (redis.RedisError, OSError) as error:
        raise OpsError(
            f"Redis has switched to {new}, but Sentinel refuses ({error}); it follows by itself within a minute"
        ) from None


def _wait_agreed(asked: list[redis.Redis], new: str) -> None:
    end = time.monotonic() + _AGREE_SECONDS
    named: set[str] = set()
    while time.monotonic() < end:
        named = set()
        for sentinel in asked:
            with contextlib.suppress(redis.RedisError, OSError):
                answer: Any = sentinel.sentinel_get_master_addr_by_name(MASTER_NAME)
                named.add(str(answer[0]))
        if named == {new}:
            return
        time.sleep(0.05)
    raise OpsError(f"the Sentinels name {', '.join(sorted(named)) or 'nobody'} instead of {new}: make status")
