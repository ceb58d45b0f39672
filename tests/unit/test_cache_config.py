"""The configuration of the Redis servers and the Sentinels, as text."""

import pytest

from components.cache_config import render_redis_conf, render_sentinel_conf

SERVERS = ["10.9.0.11", "10.9.0.12", "10.9.0.13"]
SENTINELS = ["10.9.0.21", "10.9.0.22", "10.9.0.23"]


def redis_conf(**changes: object) -> list[str]:
    arguments: dict[str, object] = {
        "announce_ip": SERVERS[1],
        "servers": SERVERS,
        "sentinels": SENTINELS,
        "seed_master": SERVERS[0],
    }
    return render_redis_conf(**(arguments | changes)).splitlines()  # type: ignore[arg-type]


def sentinel_conf(**changes: object) -> list[str]:
    arguments: dict[str, object] = {
        "announce_ip": SENTINELS[0],
        "master_ip": SERVERS[0],
        "servers": SERVERS,
        "sentinels": SENTINELS,
    }
    return render_sentinel_conf(**(arguments | changes)).splitlines()  # type: ignore[arg-type]


def test_a_server_has_what_the_design_asks_for() -> None:
    assert {
        "port 6379",
        "protected-mode yes",
        "replica-announce-ip 10.9.0.12",
        "min-replicas-to-write 1",
        "min-replicas-max-lag 10",
        "maxmemory 512mb",
        "maxmemory-policy allkeys-lru",
        "appendonly yes",
        "appendfsync everysec",
        "replicaof 10.9.0.11 6379",
    } <= set(redis_conf())


def test_numbers_come_from_the_arguments() -> None:
    lines = redis_conf(port=7000, sentinel_port=27000, maxmemory_mb=64, min_replicas_to_write=2, min_replicas_max_lag=3)
    assert {
        "port 7000",
        "replica-announce-port 7000",
        "maxmemory 64mb",
        "min-replicas-to-write 2",
        "min-replicas-max-lag 3",
        "replicaof 10.9.0.11 7000",
        "#mundo servers 10.9.0.11:7000 10.9.0.12:7000 10.9.0.13:7000",
        "#mundo sentinels 10.9.0.21:27000 10.9.0.22:27000 10.9.0.23:27000",
    } <= set(lines)


@pytest.mark.parametrize("seed", [None, SERVERS[1]])
def test_the_seed_itself_replicates_nothing(seed: str | None) -> None:
    assert not [line for line in redis_conf(seed_master=seed) if line.startswith("replicaof")]


def test_the_program_may_neither_administrate_nor_see_the_password() -> None:
    (default,) = [line for line in redis_conf() if line.startswith("user default on ")]
    assert "-@admin -@dangerous" in default
    assert "config" not in default
    assert "user operator on ~* &* +@all" in redis_conf()


def test_no_file_holds_a_secret() -> None:
    for line in redis_conf() + sentinel_conf():
        assert not line.startswith(("requirepass", "masterauth", "sentinel auth-pass"))


def test_a_sentinel_has_what_the_design_asks_for() -> None:
    assert {
        "port 26379",
        "protected-mode yes",
        "sentinel announce-ip 10.9.0.21",
        "sentinel resolve-hostnames no",
        "sentinel monitor mymaster 10.9.0.11 6379 2",
        "sentinel down-after-milliseconds mymaster 500",
        "sentinel parallel-syncs mymaster 1",
    } <= set(sentinel_conf())
    assert "sentinel failover-timeout mymaster 1234" in sentinel_conf(failover_timeout_ms=1234)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"announce_ip": "redis-2"}, "announce_ip holds 'redis-2': allowed are IPv4 addresses"),
        ({"servers": [*SERVERS, "redis-4"]}, "servers holds 'redis-4': allowed are IPv4 addresses"),
        ({"announce_ip": "10.9.0.99"}, "announce_ip is 10.9.0.99: allowed are the addresses in servers: 10.9.0.11, "),
        ({"seed_master": "10.9.0.99"}, "seed_master is 10.9.0.99: allowed are the addresses in servers"),
    ],
)
def test_a_wrong_server_address_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        redis_conf(**change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"quorum": 4}, "quorum is 4: allowed are 1 to 3"),
        ({"quorum": 0}, "quorum is 0: allowed are 1 to 3"),
        ({"master_ip": "10.9.0.99"}, "master_ip is 10.9.0.99: allowed are the addresses in servers"),
        ({"announce_ip": "10.9.0.11"}, "announce_ip is 10.9.0.11: allowed are the addresses in sentinels"),
    ],
)
def test_a_wrong_sentinel_setting_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        sentinel_conf(**change)
