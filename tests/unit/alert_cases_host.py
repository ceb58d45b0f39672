"""What makes each alert on the machine fire and end."""

from tests.unit.alert_case import Case, bad_between

_GIB = 1024**3


def _node(name: str, labels: str = "") -> str:
    return f'node_{name}{{job="node",instance="host"{"," if labels else ""}{labels}}}'


def _disk(name: str, mountpoint: str) -> str:
    return _node(f"filesystem_{name}", f'device="/dev/vda",fstype="ext4",mountpoint="{mountpoint}"')


def _disk_labels(mountpoint: str) -> dict[str, str]:
    return {"job": "node", "instance": "host", "device": "/dev/vda", "fstype": "ext4", "mountpoint": mountpoint}


HOST = (
    Case(
        alert="DiskFilling",
        # A hundred of 250 GiB are free; then 10 MiB go every 15 s, until somebody clears away.
        series={
            _disk("avail_bytes", "/"): f"{100 * _GIB}+0x8 {100 * _GIB}-{10 * 1024**2}x311 {200 * _GIB}+0x20",
            _disk("size_bytes", "/"): f"{250 * _GIB}+0x360",
            _disk("readonly", "/"): "0+0x360",
            # Fast as well, but half empty.
            _disk("avail_bytes", "/data"): f"{200 * _GIB}-{20 * 1024**2}x360",
            _disk("size_bytes", "/data"): f"{250 * _GIB}+0x360",
            _disk("readonly", "/data"): "0+0x360",
        },
        labels=_disk_labels("/"),
        says="/ is full within 4 days",
        pending=150,
        firing=315,
        resolved=330,
    ),
    Case(
        alert="DiskAlmostFull",
        series={
            _disk("avail_bytes", "/"): bad_between(f"{50 * _GIB}+0", f"{20 * _GIB}+0"),
            _disk("size_bytes", "/"): f"{250 * _GIB}+0x80",
            _disk("readonly", "/"): "0+0x80",
            # What cannot be written is full from the start.
            _disk("avail_bytes", "/mnt/image"): "0+0x80",
            _disk("size_bytes", "/mnt/image"): f"{_GIB}+0x80",
            _disk("readonly", "/mnt/image"): "1+0x80",
        },
        labels=_disk_labels("/"),
        says="Only 8% of / are left",
        pending=20,
    ),
    Case(
        alert="HostMemoryLow",
        series={
            _node("memory_MemAvailable_bytes"): f"{4 * _GIB}+0x8 {_GIB // 2}+0x60 {4 * _GIB}+0x40",
            _node("memory_MemTotal_bytes"): f"{8 * _GIB}+0x120",
        },
        labels={"job": "node", "instance": "host"},
        says="Only 6.25% of the memory",
        pending=40,
        firing=60,
        resolved=75,
    ),
    Case(
        alert="HostCpuSaturated",
        # Two processors: idle, then not for 40 minutes, then idle again.
        series={
            **{
                _node("cpu_seconds_total", f'cpu="{number}",mode="idle"'): "0+15x8 120+0x160 120+15x60"
                for number in (0, 1)
            },
            **{
                _node("cpu_seconds_total", f'cpu="{number}",mode="user"'): "0+0x8 0+15x160 2400+0x60"
                for number in (0, 1)
            },
        },
        labels={"job": "node", "instance": "host"},
        says="100% of the processors' time",
        pending=120,
        firing=160,
        resolved=185,
    ),
)
