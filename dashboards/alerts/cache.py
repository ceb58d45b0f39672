"""Alerts on Redis and its Sentinels.

While the exporter is away they say nothing: then ScrapeFailing or ScrapeMissing does.
"""

from typing import Final

from dashboards.alerts.model import Alert
from dashboards.slo import JOB_REDIS, JOB_SENTINEL, REPLICAS, SENTINEL_QUORUM

_OF = f'job="{JOB_REDIS}"'
_OF_SENTINELS = f'job="{JOB_SENTINEL}"'
_MASTERS = f'redis_instance_info{{{_OF},role="master"}}'

ALERTS: Final = (
    Alert(
        name="RedisMasterMissing",
        component="cache",
        severity="critical",
        expr=f"count(redis_up{{{_OF}}}) unless on () count({_MASTERS})",
        hold="30s",
        summary="No Redis server is the master",
        description="None of {{ $value }} watched servers is a master. Nothing new is cached until one is.",
    ),
    Alert(
        name="RedisTwoMasters",
        component="cache",
        severity="critical",
        expr=f"count({_MASTERS}) > 1",
        hold="1m",
        summary="More than one Redis server believes to be the master",
        description="{{ $value }} servers are masters. What is written to all but one of them will be lost.",
    ),
    Alert(
        name="RedisReplicasLow",
        component="cache",
        severity="warning",
        expr=f"max(redis_connected_slaves{{{_OF}}} and on (instance) {_MASTERS}) < {REPLICAS}",
        hold="2m",
        summary="The Redis master has too few replicas",
        description=f"{{{{ $value }}}} of {REPLICAS} replicas follow the master. Without any, it refuses writes.",
    ),
    Alert(
        name="RedisReplicationBroken",
        component="cache",
        severity="warning",
        expr=f"max by (instance) (redis_master_link_up{{{_OF}}}) == 0",
        hold="1m",
        summary="A Redis replica has lost its master",
        description="{{ $labels.instance }} has no link to its master: it serves an older state and cannot follow.",
        follows=("RedisMasterMissing",),
    ),
    Alert(
        name="RedisReplicationLagging",
        component="cache",
        severity="warning",
        # A replica acknowledges every second; the link counts as lost after a minute of silence.
        expr=f"max by (instance, slave_ip) (redis_connected_slave_lag_seconds{{{_OF}}}) > 10",
        hold="1m",
        summary="A Redis replica lags behind",
        description="{{ $labels.slave_ip }} acknowledged {{ $labels.instance }} {{ $value | humanizeDuration }} ago.",
    ),
    Alert(
        name="RedisMemoryHigh",
        component="cache",
        severity="warning",
        expr=f"redis_memory_used_bytes{{{_OF}}} / (redis_memory_max_bytes{{{_OF}}} > 0) > 0.9",
        hold="10m",
        summary="Redis is nearly full",
        description=(
            "{{ $labels.instance }} uses {{ $value | humanizePercentage }} of maxmemory: soon entries are evicted."
        ),
        follows=("RedisEvicting",),
    ),
    Alert(
        name="RedisEvicting",
        component="cache",
        severity="warning",
        expr=f"increase(redis_evicted_keys_total{{{_OF}}}[10m]) > 0",
        hold="10m",
        summary="Redis throws entries away to make room",
        description="{{ $labels.instance }} evicted {{ $value | humanize }} entries in ten minutes for want of memory.",
    ),
    Alert(
        name="RedisInstanceDown",
        component="cache",
        severity="warning",
        expr=f'redis_up{{job=~"{JOB_REDIS}|{JOB_SENTINEL}"}} == 0',
        hold="1m",
        summary="A Redis server or Sentinel does not answer",
        description="{{ $labels.instance }} does not answer its exporter. One more loss may end the failover.",
    ),
    Alert(
        name="SentinelQuorumLost",
        component="cache",
        severity="critical",
        expr=(
            f"sum(redis_up{{{_OF_SENTINELS}}}) < {SENTINEL_QUORUM}"
            f" or max(redis_sentinel_master_ckquorum_status{{{_OF_SENTINELS}}}) == 0"
        ),
        hold="30s",
        summary="The Sentinels cannot choose a new Redis master",
        description="Too few Sentinels answer or agree. The cache works, but would not survive the loss of its master.",
    ),
    Alert(
        name="SentinelMastersDiffer",
        component="cache",
        severity="critical",
        # During a failover they learn of the new one within seconds of each other.
        expr=f"count(count by (master_address) (redis_sentinel_master_status{{{_OF_SENTINELS}}})) > 1",
        hold="1m",
        summary="The Sentinels name different Redis masters",
        description="{{ $value }} addresses are named as the master: the app may write to the wrong one.",
    ),
    Alert(
        name="SentinelTilt",
        component="cache",
        severity="warning",
        # It lasts 30 s: longer means that the cause comes again and again.
        expr=f"redis_sentinel_tilt{{{_OF_SENTINELS}}} == 1",
        hold="1m",
        summary="A Sentinel does not trust its clock",
        description="{{ $labels.instance }} is in TILT: it watches, and takes part in no failover.",
    ),
)
