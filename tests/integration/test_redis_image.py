"""The Redis image at work: three servers and three Sentinels on a network of their own, broken and repaired."""

import json
import secrets
from collections.abc import Iterator
from functools import partial

import pytest
import redis

from components.cache_config import MASTER_NAME, SENTINEL_PORT
from tests.built_images import run_in
from tests.integration.redis_group import Group, client, eventually, redis_group_of_its_own


@pytest.fixture(scope="module")
def group() -> Iterator[Group]:
    with redis_group_of_its_own() as started:
        yield started


def test_writes_replicate_and_all_are_healthy(group: Group) -> None:
    master = eventually(group.master)
    group.write(master, "bounds:1", "one")
    eventually(lambda: group.check_everywhere("bounds:1", "one"))
    eventually(group.check_healthy)


def test_the_program_cannot_do_what_would_hurt(group: Group) -> None:
    master = eventually(group.master)
    for command in ("FLUSHALL", "KEYS *", "CONFIG GET *", "REPLICAOF NO ONE", "SWAPDB 0 1", "SHUTDOWN", "ACL LIST"):
        with group.server(master) as server, pytest.raises(redis.exceptions.NoPermissionError):
            server.execute_command(*command.split())


def test_nobody_gets_in_without_the_password(group: Group) -> None:
    for ip, port in ((group.servers[0], 6379), (group.sentinels[0], SENTINEL_PORT)):
        for password in (None, "wrong"):
            with client(ip, port, password=password) as stranger, pytest.raises(redis.exceptions.AuthenticationError):
                stranger.ping()


def test_no_password_is_visible_from_outside(group: Group) -> None:
    eventually(group.master)
    for container in group.containers:
        container.reload()
        shown = json.dumps(container.attrs) + json.dumps(container.top()) + container.logs().decode()
        assert "redis" in shown
        assert group.password not in shown


def test_a_killed_master_is_replaced_and_comes_back_as_replica(group: Group) -> None:
    old = eventually(group.master)
    group.write(old, "bounds:2", "before")
    eventually(lambda: group.check_everywhere("bounds:2", "before"))
    group.container_of(old).kill("SIGKILL")

    def promoted() -> str:
        new = group.named_by(group.sentinels[0])
        assert new != old
        return new

    new = eventually(promoted)
    eventually(lambda: group.write(new, "bounds:2", "after"))
    group.container_of(old).start()
    assert eventually(group.master) == new
    eventually(lambda: group.check_started(group.container_of(old), new))
    eventually(lambda: group.check_everywhere("bounds:2", "after"))
    eventually(group.check_healthy)


def test_a_master_that_is_killed_and_started_at_once_leaves_one_master(group: Group) -> None:
    master = eventually(group.master)
    group.write(master, "bounds:5", "written")
    eventually(lambda: group.check_everywhere("bounds:5", "written"))
    group.container_of(master).kill("SIGKILL")
    group.container_of(master).start()
    now = eventually(group.master)
    group.write(now, "bounds:6", "still writable")
    eventually(lambda: group.check_everywhere("bounds:6", "still writable"))


def test_the_whole_group_restarted_keeps_data_and_roles(group: Group) -> None:
    master = eventually(group.master)
    if master == group.servers[0]:
        # Away from the seed, so that only remembered roles can be right afterwards. Sentinel gives up what it was told
        # to do where no replica is fit yet, or one does not follow in time: it is told again.
        def moved() -> None:
            if group.named_by(group.sentinels[0]) == group.servers[0]:
                with group.sentinel(group.sentinels[0]) as sentinel:
                    sentinel.execute_command("SENTINEL", "FAILOVER", MASTER_NAME)
            assert group.master() != group.servers[0]

        eventually(moved)
        master = group.master()
    group.write(master, "bounds:3", "kept")
    group.restart()
    # What each remembers is in its log; whom a busy machine makes the Sentinels choose afterwards is theirs to decide.
    for container in group.containers:
        eventually(partial(group.check_started, container, master))
    eventually(group.master)
    eventually(lambda: group.check_everywhere("bounds:3", "kept"))


# The second one has what a shell, a configuration file or JSON could stumble over.
@pytest.mark.parametrize(
    "password", [secrets.token_urlsafe(24), secrets.token_urlsafe(12) + "\"\\'$#;&!%"], ids=["plain", "awkward"]
)
def test_a_rotated_password_works_after_a_restart(group: Group, password: str) -> None:
    master = eventually(group.master)
    group.write(master, "bounds:4", password)
    old_password = group.password
    group.rotate(password)
    group.restart()
    eventually(group.master)
    eventually(lambda: group.check_everywhere("bounds:4", password))
    for ip in group.servers:
        with client(ip, 6379, password=old_password) as server, pytest.raises(redis.exceptions.AuthenticationError):
            server.ping()
    eventually(group.check_healthy)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("valkey", "entrypoint: unknown role 'valkey': allowed are redis, sentinel"),
        ("redis", "entrypoint: no readable configuration at /run/mundo/config/redis.conf"),
        ("sentinel", "entrypoint: no readable configuration at /run/mundo/config/sentinel.conf"),
    ],
)
def test_what_is_missing_is_said_in_one_line(arguments: str, message: str) -> None:
    assert run_in("redis", ["/usr/local/bin/entrypoint.sh", arguments], {}) == (1, message + "\n")
