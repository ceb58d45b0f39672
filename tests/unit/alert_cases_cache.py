"""What makes each alert on Redis and its Sentinels fire and end."""

from tests.unit.alert_case import ALWAYS, COMES, DIES, LEAVES, Case, bad_between


def _redis(name: str, samples: str) -> dict[str, str]:
    return {f'redis_up{{job="redis",instance="{name}"}}': samples}


def _role(name: str, role: str, samples: str) -> dict[str, str]:
    return {f'redis_instance_info{{job="redis",instance="{name}",role="{role}"}}': samples}


def _sentinels(*samples: str) -> dict[str, str]:
    return {f'redis_up{{job="sentinel",instance="sentinel-{n}"}}': each for n, each in enumerate(samples, 1)}


def _sees(number: int, address: str, samples: str) -> dict[str, str]:
    labels = f'job="sentinel",instance="sentinel-{number}",master_name="mymaster",master_address="{address}"'
    return {f"redis_sentinel_master_status{{{labels}}}": samples}


CACHE = (
    Case(
        alert="RedisMasterMissing",
        series={
            **_redis("redis-1", DIES),
            **_redis("redis-2", ALWAYS),
            **_role("redis-1", "master", LEAVES),
            **_role("redis-2", "slave", ALWAYS),
        },
        says="None of 2 watched servers",
    ),
    Case(
        alert="RedisTwoMasters",
        series={**_role("redis-1", "master", ALWAYS), **_role("redis-2", "master", COMES)},
        says="2 servers are masters",
    ),
    Case(
        alert="RedisReplicasLow",
        series={
            'redis_connected_slaves{job="redis",instance="redis-1"}': bad_between("2+0", "1+0"),
            'redis_connected_slaves{job="redis",instance="redis-2"}': "0+0x80",
            **_role("redis-1", "master", ALWAYS),
            **_role("redis-2", "slave", ALWAYS),
        },
        says="1 of 2 replicas",
    ),
    Case(
        alert="RedisInstanceDown",
        series=_sentinels(ALWAYS, ALWAYS, DIES),
        labels={"job": "sentinel", "instance": "sentinel-3"},
        says="sentinel-3 does not answer",
    ),
    Case(
        alert="SentinelQuorumLost",
        series=_sentinels(ALWAYS, DIES, DIES),
        says="Too few Sentinels",
    ),
    Case(
        alert="SentinelQuorumLost",
        series={
            **_sentinels(ALWAYS, ALWAYS, ALWAYS),
            'redis_sentinel_master_ckquorum_status{job="sentinel",instance="sentinel-1",message="m"}': DIES,
        },
        says="Too few Sentinels",
    ),
    Case(
        alert="RedisReplicationBroken",
        series={
            'redis_master_link_up{job="redis",instance="redis-2",master_host="10.9.0.11",master_port="6379"}': DIES,
            'redis_master_link_up{job="redis",instance="redis-3",master_host="10.9.0.11",master_port="6379"}': ALWAYS,
        },
        labels={"instance": "redis-2"},
        says="redis-2 has no link to its master",
        pending=11,
    ),
    Case(
        alert="RedisReplicationLagging",
        series={
            f'redis_connected_slave_lag_seconds{{job="redis",instance="redis-1",slave_ip="{ip}"}}': lag
            for ip, lag in (("10.9.0.12", bad_between("1+0", "30+0")), ("10.9.0.13", "0+0x80"))
        },
        labels={"instance": "redis-1", "slave_ip": "10.9.0.12"},
        says="10.9.0.12 acknowledged redis-1 30s ago",
        pending=11,
    ),
    Case(
        alert="RedisMemoryHigh",
        series={
            'redis_memory_used_bytes{job="redis",instance="redis-1"}': "50+0x8 95+0x60 50+0x40",
            'redis_memory_max_bytes{job="redis",instance="redis-1"}': "100+0x120",
            # No limit is 0.
            'redis_memory_used_bytes{job="redis",instance="redis-2"}': "95+0x120",
            'redis_memory_max_bytes{job="redis",instance="redis-2"}': "0+0x120",
        },
        labels={"job": "redis", "instance": "redis-1"},
        says="redis-1 uses 95% of maxmemory",
        pending=40,
        firing=55,
        resolved=80,
    ),
    Case(
        alert="RedisEvicting",
        series={
            'redis_evicted_keys_total{job="redis",instance="redis-1"}': "0x8 1+10x60 601+0x100",
            'redis_evicted_keys_total{job="redis",instance="redis-2"}': "0x170",
        },
        labels={"job": "redis", "instance": "redis-1"},
        says="redis-1 evicted 400 entries in ten minutes",
        pending=45,
        firing=60,
        resolved=115,
    ),
    Case(
        alert="SentinelMastersDiffer",
        series={
            **_sees(1, "10.9.0.11:6379", ALWAYS),
            **_sees(2, "10.9.0.11:6379", LEAVES),
            **_sees(2, "10.9.0.12:6379", COMES),
        },
        says="2 addresses are named as the master",
        pending=11,
    ),
    Case(
        alert="SentinelTilt",
        series={
            'redis_sentinel_tilt{job="sentinel",instance="sentinel-1"}': bad_between("0+0", "1+0"),
            'redis_sentinel_tilt{job="sentinel",instance="sentinel-2"}': "0+0x80",
        },
        labels={"job": "sentinel", "instance": "sentinel-1"},
        says="sentinel-1 is in TILT",
        pending=11,
    ),
)
