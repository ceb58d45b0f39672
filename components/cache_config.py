"""The configuration files of the Redis servers and the Sentinels, as text.

No secret is in them: the image's entry point (images/redis/entrypoint.sh) adds the password when it starts, together
with the topology that it remembers. What the entry point needs to know stands in lines `#mundo KEY VALUE...`:
`master-name`, `servers` and `sentinels` (`ip:port` of every member, this one included).
"""

from collections.abc import Sequence
from ipaddress import AddressValueError, IPv4Address

MASTER_NAME = "mymaster"
REDIS_PORT = 6379
SENTINEL_PORT = 26379

OPERATOR = "operator"
"""The Redis user of replication and of the Sentinels, allowed everything; it has the same password as `default`."""

# What the program and the exporter log in as: the data, and the read-only part of the diagnostics. CONFIG GET is not
# in it, since it shows the password.
_DEFAULT_RULES = (
    "~* &* +@all -@admin -@dangerous +info +role +lastsave +slowlog|get +slowlog|len +latency|latest +latency|histogram"
)


def render_redis_conf(
    *,
    announce_ip: str,
    servers: Sequence[str],
    sentinels: Sequence[str],
    seed_master: str | None,
    port: int = REDIS_PORT,
    sentinel_port: int = SENTINEL_PORT,
    master_name: str = MASTER_NAME,
    maxmemory_mb: int = 512,
    maxmemory_policy: str = "allkeys-lru",
    min_replicas_to_write: int = 1,
    min_replicas_max_lag: int = 10,
) -> str:
    """Return redis.conf of one server, ending with a newline.

    Args:
        announce_ip: this server's fixed IPv4 address, told to the master and through it to the Sentinels.
        servers: the IPv4 addresses of all servers, this one included; all listen on `port`.
        sentinels: the IPv4 addresses of all Sentinels; all listen on `sentinel_port`.
        seed_master: the address of the master on the very first start; None or `announce_ip` for the master itself.
        port: TCP port of the servers.
        sentinel_port: TCP port of the Sentinels.
        master_name: the name under which the Sentinels know the master.
        maxmemory_mb: limit of the data, in MiB; the container needs more (copy-on-write while saving).
        maxmemory_policy: what is evicted when the limit is reached.
        min_replicas_to_write: replicas that must be there for a write to be accepted; 0 accepts always.
        min_replicas_max_lag: seconds after which a silent replica no longer counts.

    Raises:
        ValueError: an address is not IPv4, or `announce_ip` or `seed_master` is not among `servers`.
    """
    _check_member("announce_ip", announce_ip, "servers", servers)
    if seed_master is not None:
        _check_member("seed_master", seed_master, "servers", servers)
    lines = [
        *_directives(
            master_name, _addresses("servers", servers, port), _addresses("sentinels", sentinels, sentinel_port)
        ),
        f"port {port}",
        "bind 0.0.0.0",
        "protected-mode yes",
        "daemonize no",
        'logfile ""',
        "dir /data",
        "tcp-keepalive 60",
        f"user default on {_DEFAULT_RULES}",
        f"user {OPERATOR} on ~* &* +@all",
        f"masteruser {OPERATOR}",
        f"replica-announce-ip {announce_ip}",
        f"replica-announce-port {port}",
        f"min-replicas-to-write {min_replicas_to_write}",
        f"min-replicas-max-lag {min_replicas_max_lag}",
        # A new replica is served at once, and a dead link is noticed well before the lag limit.
        "repl-diskless-sync-delay 0",
        "repl-ping-replica-period 1",
        "repl-timeout 10",
        "repl-backlog-size 16mb",
        f"maxmemory {maxmemory_mb}mb",
        f"maxmemory-policy {maxmemory_policy}",
        "appendonly yes",
        "appendfsync everysec",
        "save 3600 1 300 100 60 10000",
        "lazyfree-lazy-eviction yes",
        "lazyfree-lazy-expire yes",
        # Seconds a stopping master waits for its replicas; milliseconds from which on LATENCY records.
        "shutdown-timeout 5",
        "latency-monitor-threshold 20",
    ]
    if seed_master not in {None, announce_ip}:
        lines.append(f"replicaof {seed_master} {port}")
    return "\n".join(lines) + "\n"


def render_sentinel_conf(
    *,
    announce_ip: str,
    master_ip: str,
    servers: Sequence[str],
    sentinels: Sequence[str],
    master_port: int = REDIS_PORT,
    port: int = SENTINEL_PORT,
    master_name: str = MASTER_NAME,
    quorum: int = 2,
    down_after_ms: int = 500,
    failover_timeout_ms: int = 5000,
    parallel_syncs: int = 1,
) -> str:
    """Return sentinel.conf of one Sentinel, ending with a newline.

    Args:
        announce_ip: this Sentinel's fixed IPv4 address, told to the others.
        master_ip: the address of the master on the very first start.
        servers: the IPv4 addresses of all Redis servers; all listen on `master_port`.
        sentinels: the IPv4 addresses of all Sentinels, this one included; all listen on `port`.
        master_port: TCP port of the servers.
        port: TCP port of the Sentinels.
        master_name: the name under which clients ask for the master.
        quorum: Sentinels that must agree that the master is down.
        down_after_ms: milliseconds of silence after which a Sentinel holds a server for down.
        failover_timeout_ms: milliseconds after which a stuck failover is given up; a new try waits twice as long.
        parallel_syncs: replicas that are pointed at a new master at the same time.

    Raises:
        ValueError: an address is not IPv4, `announce_ip` is not among `sentinels`, `master_ip` not among `servers`,
            or `quorum` is not between 1 and the number of Sentinels.
    """
    _check_member("announce_ip", announce_ip, "sentinels", sentinels)
    _check_member("master_ip", master_ip, "servers", servers)
    if not 1 <= quorum <= len(sentinels):
        raise ValueError(f"quorum is {quorum}: allowed are 1 to {len(sentinels)}, the number of Sentinels")
    lines = [
        *_directives(
            master_name, _addresses("servers", servers, master_port), _addresses("sentinels", sentinels, port)
        ),
        f"port {port}",
        "bind 0.0.0.0",
        "protected-mode yes",
        "daemonize no",
        'logfile ""',
        "dir /data",
        "sentinel resolve-hostnames no",
        "sentinel announce-hostnames no",
        "sentinel deny-scripts-reconfig yes",
        f"sentinel announce-ip {announce_ip}",
        f"sentinel announce-port {port}",
        f"sentinel monitor {master_name} {master_ip} {master_port} {quorum}",
        f"sentinel auth-user {master_name} {OPERATOR}",
        f"sentinel down-after-milliseconds {master_name} {down_after_ms}",
        f"sentinel failover-timeout {master_name} {failover_timeout_ms}",
        f"sentinel parallel-syncs {master_name} {parallel_syncs}",
    ]
    return "\n".join(lines) + "\n"


def _directives(master_name: str, servers: str, sentinels: str) -> list[str]:
    return [f"#mundo master-name {master_name}", f"#mundo servers {servers}", f"#mundo sentinels {sentinels}"]


def _addresses(what: str, addresses: Sequence[str], port: int) -> str:
    for address in addresses:
        _check_ipv4(what, address)
    return " ".join(f"{address}:{port}" for address in addresses)


def _check_ipv4(what: str, address: str) -> None:
    try:
        IPv4Address(address)
    except AddressValueError:
        # Host names make a Sentinel stall once the name of a dead container no longer resolves.
        raise ValueError(f"{what} holds {address!r}: allowed are IPv4 addresses") from None


def _check_member(what: str, address: str, group: str, members: Sequence[str]) -> None:
    _check_ipv4(what, address)
    if address not in members:
        raise ValueError(f"{what} is {address}: allowed are the addresses in {group}: {', '.join(members)}")
