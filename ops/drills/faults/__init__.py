"""The faults of the cache drills, by what is lost."""

from ops.drills.faults.base import Fault
from ops.drills.faults.masters import MasterCutOff, MasterFrozen, MasterKilled
from ops.drills.faults.members import ReplicaLost, SentinelLost, TwoSentinelsLost
from ops.drills.faults.outages import PostgresGone, RedisGone
from ops.drills.faults.planned import PlannedSwitch

FAULTS: dict[str, type[Fault]] = {
    "master-killed": MasterKilled,
    "master-frozen": MasterFrozen,
    "master-cut-off": MasterCutOff,
    "replica-lost": ReplicaLost,
    "sentinel-lost": SentinelLost,
    "two-sentinels-lost": TwoSentinelsLost,
    "planned-switch": PlannedSwitch,
    "postgres-gone": PostgresGone,
    "redis-gone": RedisGone,
}
"""Name → fault, in the order in which they are run; the last leaves the app's breaker open for a minute."""
