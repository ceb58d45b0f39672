"""A planned switch of the Redis master, with writes paused for less than 100 ms and none lost.

`SENTINEL FAILOVER` alone promotes a replica while the old master still accepts writes, which are then lost; and the new
one refuses writes (min-replicas) until another replica has been sent to it, a second later. Redis' own `FAILOVER`
pauses writes only until the replica has caught up, and makes the old master its replica in the same step; alone it
would leave Sentinel believing in the old master. Together they fit: Sentinel begins, names the replica that it has
chosen (`+selected-slave`), and sends it `REPLICAOF NO ONE` with its next tick, 50 to 100 ms later. In between the
hand-over by `FAILOVER TO` takes place, and Sentinel's own step then finds it done.
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

    from redis.client import PubSub

PAUSE_MS = 40
"""How long Redis holds writes back for the replica, at most."""

CATCH_UP_MS = 25
"""Within which the replica must have everything, or the hand-over is given up."""

_ANSWER_SECONDS = 2.0
_SELECT_SECONDS = 5.0
_AGREE_SECONDS = 20.0
_LAG_SECONDS = 1


@dataclass(frozen=True)
class Switched:
    """What was done.

    Attributes:
        old: address of the former master.
        new: address of the master.
        paused_ms: how long writes were held back; None where Sentinel was faster than the hand-over.
    """

    old: str
    new: str
    paused_ms: float | None

    @property
    def text(self) -> str:
        """One line for the operator."""
        paused = (
            f"writes paused for {self.paused_ms:.0f} ms"
            if self.paused_ms is not None
            else "without a hand-over (Sentinel was faster): writes were refused until a replica had followed"
        )
        return f"the master is now {self.new} (was {self.old}); {paused}"


def switch_master(sentinels: Sequence[str], password: str) -> Switched:
    """Makes the replica that Sentinel chooses the master, and waits until all Sentinels that answer name it.

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
        fit = _check_fit(sentinel, master, old)
        replicas = {ip: stack.enter_context(_client(ip, REDIS_PORT, password, OPERATOR)) for ip in fit}
        for replica in replicas.values():
            replica.ping()  # connected before it counts
        channel = stack.enter_context(sentinel.pubsub(ignore_subscribe_messages=True))  # type: ignore[no-untyped-call]  # redis-py's own
        channel.psubscribe("+selected-slave", "-failover-abort-*")
        channel.get_message(timeout=_ANSWER_SECONDS)
        with _plainly(f"Sentinel refuses to switch from {old}"):
            sentinel.execute_command("SENTINEL", "FAILOVER", MASTER_NAME)  # type: ignore[no-untyped-call]
        new = _selected(channel)
        paused_ms = _hand_over(master, replicas[new], new) if new in replicas else None
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


def _check_fit(sentinel: redis.Redis, master: redis.Redis, old: str) -> list[str]:
    """Addresses of the replicas that are up to date, by the word of the master and of the Sentinel."""
    with _plainly(f"the master {old} does not answer"):
        info: Any = master.info("replication")
        replicas: Any = sentinel.sentinel_slaves(MASTER_NAME)
    following = {
        value["ip"]
        for key, value in info.items()
        if key.startswith("slave") and isinstance(value, dict) and value["state"] == "online"
        if value["lag"] <= _LAG_SECONDS
    }
    fit = [each["ip"] for each in replicas if each["flags"] == "slave" and each["ip"] in following]
    if not fit:
        raise OpsError(f"no replica of {old} is healthy and up to date: nobody to switch to; nothing was changed")
    return fit


def _selected(channel: PubSub) -> str:
    """The address of the replica that Sentinel chose; it says `slave IP:PORT IP PORT @ mymaster …`."""
    end = time.monotonic() + _SELECT_SECONDS
    while (left := end - time.monotonic()) > 0:
        message = channel.get_message(timeout=left)
        if message is None:
            continue
        if message["channel"] == "+selected-slave":
            return str(message["data"].split()[2])
        raise OpsError(f"Sentinel gave the switch up ({message['channel'].removeprefix('-')}); nothing was changed")
    raise OpsError(f"Sentinel chose no replica within {_SELECT_SECONDS:g} s; nothing was changed")


def _hand_over(master: redis.Redis, replica: redis.Redis, new: str) -> float | None:
    """Lets the master hand over to `new`: milliseconds that writes were paused, or None where it did not.

    Redis goes on by itself when the replica has acknowledged everything, which it does once a second only. So what the
    replica really has is asked of the replica, and FORCE makes Redis go on at the time limit with that known.
    """
    begun = time.monotonic()
    try:
        order = ("FAILOVER", "TO", new, REDIS_PORT, "FORCE", "TIMEOUT", PAUSE_MS)
        master.execute_command(*order)  # type: ignore[no-untyped-call]
        if not _caught_up(master, replica, begun + CATCH_UP_MS / 1000):
            master.execute_command("FAILOVER", "ABORT")  # type: ignore[no-untyped-call]
        while True:
            state: Any = master.info("replication")
            if state["role"] == "slave":
                return 1000 * (time.monotonic() - begun)
            if state["master_failover_state"] == "no-failover":
                return None
            time.sleep(0.001)
    except (redis.RedisError, OSError):
        return None  # Sentinel goes on by itself


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
