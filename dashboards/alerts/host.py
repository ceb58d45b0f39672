"""Alerts on the machine: disk, memory and processor, as the node exporter sees them."""

from typing import Final

from dashboards.alerts.model import Alert
from dashboards.slo import JOB_NODE

_OF = f'job="{JOB_NODE}"'
_FREE = f"node_filesystem_avail_bytes{{{_OF}}}"
_SIZE = f"node_filesystem_size_bytes{{{_OF}}}"
_WRITABLE = f"node_filesystem_readonly{{{_OF}}} == 0"
_DAYS: Final = 4

ALERTS: Final = (
    Alert(
        name="DiskFilling",
        component="host",
        severity="warning",
        # A disk with room for years is filled by any import's slope; less than half of it has to be free.
        expr=(f"predict_linear({_FREE}[6h], {_DAYS} * 86400) < 0 and {_FREE} / {_SIZE} < 0.5 and {_WRITABLE}"),
        hold="1h",
        summary=f"A disk will be full within {_DAYS} days",
        description=(f"At the pace of the last six hours {{{{ $labels.mountpoint }}}} is full within {_DAYS} days."),
    ),
    Alert(
        name="DiskAlmostFull",
        component="host",
        severity="critical",
        expr=f"{_FREE} / {_SIZE} < 0.1 and {_WRITABLE}",
        hold="5m",
        summary="A disk is almost full",
        description=(
            "Only {{ $value | humanizePercentage }} of {{ $labels.mountpoint }} are left. "
            "PostgreSQL stops when nothing is left for its log."
        ),
    ),
    Alert(
        name="HostMemoryLow",
        component="host",
        severity="warning",
        expr=f"node_memory_MemAvailable_bytes{{{_OF}}} / node_memory_MemTotal_bytes{{{_OF}}} < 0.1",
        hold="10m",
        summary="The machine is running out of memory",
        description=(
            "Only {{ $value | humanizePercentage }} of the memory can be had. "
            "The kernel ends a program when there is none."
        ),
    ),
    Alert(
        name="HostCpuSaturated",
        component="host",
        severity="warning",
        # An import or a survey takes all there is for minutes, as it should.
        expr=(
            f'1 - sum by (job, instance) (rate(node_cpu_seconds_total{{{_OF},mode=~"idle|iowait"}}[5m]))'
            f' / count by (job, instance) (node_cpu_seconds_total{{{_OF},mode="idle"}}) > 0.95'
        ),
        hold="30m",
        summary="The processors have been busy for half an hour",
        description="{{ $value | humanizePercentage }} of the processors' time is in use.",
    ),
)
