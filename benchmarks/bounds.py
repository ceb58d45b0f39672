"""Bounds as fast as the app gives them, against the bare server and against what a newcomer would write."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

from benchmarks import app_servers, blocks, catalogue, wrk
from benchmarks.app_servers import levels
from benchmarks.app_servers.group import running
from benchmarks.app_servers.pinning import pinned
from benchmarks.app_servers.scale import SCALES
from benchmarks.report import Figure, Report
from components import cache

if TYPE_CHECKING:
    from benchmarks.app_servers.group import Group, HttpServer
    from benchmarks.context import Context
    from benchmarks.wrk import Sample, Wrk

_HOT_IDS: Final = 100
_WARM_SECONDS: Final = 2.0
_WARM_LIMIT_SECONDS: Final = 300
_PEERS: Final = Path(app_servers.__file__).parent

ABOUT: Final = f"""\
Closed loop: wrk keeps {wrk.CONNECTIONS} connections busy and asks for bounds as fast as they come. All servers are one
process each, containers of the app's own image with the same Python, uvicorn, uvloop and httptools, and with the same
settings:

- the app as it is declared, asked for {_HOT_IDS} entries over and over: the **in-process copy** has them;
- the app with the in-process copy switched off (`MUNDO_L1_TTL_MS=0`), asked for {{ids}} entries that **Redis** has;
- the **bare server**: an ASGI function of two `send`s that answers with one body, as large as the bounds are;
- the **newcomer's**: a FastAPI route, a pool of redis-py, `HGET` and the parsed object as the answer; the same entries
  from the same Redis.

The app also counts, logs, watches Redis and its changes, and sends its headers meanwhile. Compared are requests a
second; latencies are those under that full load."""


@dataclass
class _Arm:
    """A server and what was seen of it, round by round."""

    name: str
    server: HttpServer
    ids: int
    samples: list[Sample] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)

    def measured(self, tool: Wrk, seconds: float) -> blocks.Arm:
        """The arm of a comparison."""

        def once(number: int) -> float:
            before = wrk.processor_seconds(self.server.container)
            sample = tool.run(self.server.address, ids=self.ids, seconds=seconds)
            if number >= 0:
                self.samples.append(sample)
                self.busy.append((wrk.processor_seconds(self.server.container) - before) / seconds)
            return sample.rate

        return blocks.Arm(self.name, once)


def run(context: Context) -> Report:
    """Measures all servers in one interleaving."""
    scale = SCALES[context.options.scale]
    catalogue.at_least(context, scale.bounds_ids)
    report = Report(
        name="bounds",
        title="Bounds: the app against the bare server and against a newcomer's",
        about=ABOUT.format(ids=scale.bounds_ids),
        parameters={"connections": wrk.CONNECTIONS, "seconds of a round": scale.bounds_seconds},
    )
    with contextlib.ExitStack() as stack:
        group = stack.enter_context(running(context))
        tool = stack.enter_context(wrk.running(group.cell, context.ui.say))
        arms = _started(context, group, tool, scale.bounds_ids)
        report.parameters["processors"] = stack.enter_context(
            pinned(
                [arm.server.container for arm in arms],
                [tool.container, *group.containers("redis", "sentinel", "postgres")],
            )
        )
        before = [levels.lookups(arm.server) for arm in arms[:2]]
        pairs = context.options.window_pairs
        with context.ui.steps("bounds", pairs) as advance:
            values = blocks.measured(
                [arm.measured(tool, scale.bounds_seconds) for arm in arms], pairs, on_round=lambda: advance(1)
            )
        shares = [
            levels.shares(earlier, levels.lookups(arm.server)) for earlier, arm in zip(before, arms[:2], strict=True)
        ]
    local, remote, bare, newcomer = range(len(arms))
    for subject, peer, criterion in (
        (local, bare, "bounds-local"),
        (remote, bare, "bounds-redis"),
        (remote, newcomer, "bounds-newcomer"),
        (local, newcomer, None),
    ):
        report.comparisons.append(
            blocks.Comparison(
                label=f"{arms[subject].name} by {arms[peer].name}",
                unit="requests/s",
                subject=arms[subject].name,
                peer=arms[peer].name,
                values=(values[subject], values[peer]),
                criterion=criterion,
            )
        )
    report.figures += _figures(arms)
    report.figures += [
        Figure("lookups that the in-process copy answered where it should", 100 * shares[0]["l1"], "%", "bounds-level"),
        Figure("lookups that Redis answered where it should", 100 * shares[1]["redis"], "%", "bounds-level"),
    ]
    return report


def _started(context: Context, group: Group, tool: Wrk, ids: int) -> list[_Arm]:
    """The four servers, with every entry in Redis."""
    context.ui.say("starting the app and its peers")
    remote = group.app("catalog-redis", 61, MUNDO_L1_TTL_MS="0")
    _warm(context, group, tool, remote, ids)
    config = {name: (_PEERS / name).read_text(encoding="utf-8") for name in ("bare.py", "newcomer.py")}
    path = "/v1/catalogo/1/bounds"
    config["body.json"] = remote.get(path).decode()
    master, *_ = cache.server_addresses(group.cell.context)
    return [
        _Arm("app, in-process", group.app(), _HOT_IDS),
        _Arm("app, Redis", remote, ids),
        _Arm("bare server", group.peer("bare", 62, "bare.py", path, config), ids),
        _Arm("newcomer's", group.peer("newcomer", 63, "newcomer.py", path, config, REDIS_HOST=master), ids),
    ]


def _warm(context: Context, group: Group, tool: Wrk, server: HttpServer, ids: int) -> None:
    """Asks until Redis has every entry.

    Raises:
        RuntimeError: it never has.
    """
    keys = [f"bounds:{number}" for number in range(1, ids + 1)]
    until = time.monotonic() + _WARM_LIMIT_SECONDS
    with context.ui.steps(f"warming Redis with {ids} entries", ids) as advance:
        held = 0
        while held < ids:
            if time.monotonic() > until:
                raise RuntimeError(f"Redis has {held} of {ids} entries after {_WARM_LIMIT_SECONDS} s")
            tool.run(server.address, ids=ids, seconds=_WARM_SECONDS)
            now = int(group.redis().exists(*keys))
            advance(now - held)
            held = now


def _figures(arms: list[_Arm]) -> list[Figure]:
    found = [
        Figure(f"{arm.name}: {name}, median of the rounds", median(sample.latencies[at] for sample in arm.samples), "s")
        for arm in arms
        for at, name in enumerate(("P50", "P95", "P99"))
    ]
    found += [Figure(f"{arm.name}: share of its core that it took", median(arm.busy), "ratio") for arm in arms]
    return [
        *found,
        Figure(
            "largest share of a core that wrk took",
            max(median(sample.tool for sample in arm.samples) for arm in arms),
            "ratio",
            "bounds-tool",
        ),
        Figure("errors", sum(sample.errors for arm in arms for sample in arm.samples), "", "bounds-errors"),
    ]
