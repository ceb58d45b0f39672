"""Cores of one's own for what is measured."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from docker.models.containers import Container


@contextlib.contextmanager
def pinned(measured: Sequence[Container], others: Sequence[Container]) -> Iterator[str]:
    """The first core for what is measured, the rest for the others, for the length of the block; gives how, in words.

    With one core there is nothing to share out.
    """
    cores = os.cpu_count() or 1
    if cores == 1:
        yield "one core for everything"
        return
    rest = f"1-{cores - 1}" if cores > 2 else "1"  # noqa: PLR2004
    for container in measured:
        container.update(cpuset_cpus="0")
    for container in others:
        container.update(cpuset_cpus=rest)
    try:
        yield f"core 0 for the servers, core {rest} for wrk, Redis and PostgreSQL"
    finally:
        for container in others:
            container.update(cpuset_cpus=f"0-{cores - 1}")
