"""Bounds as fast as the app gives them, against the bare server and against what a newcomer would write."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

from benchmarks import app_servers, blocks, catalogue, wrk
from benchmarks.app_servers import asking, levels
from benchmarks.app_servers.group import running
from benchmarks.app_servers.pinning import pinned
from benchmarks.app_servers.scale import SCALES
from benchmarks.report import Figure, Report, Table
from components import cache

if TYPE_CHECKING:
    from benchmarks.app_servers.group import Group, HttpServer
    from benchmarks.context import Context
    from benchmarks.wrk import Sample, Wrk

_HOT_IDS: Final = 100
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
second of time, and a second of the server's own processor time; latencies are those under that full load."""


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
        arms = _started(context, group, scale.bounds_ids)
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
    report.comparisons += _comparisons(arms, values)
    report.tables.append(_latencies(arms))
    report.figures += [
        Figure("lookups that the in-process copy answered where it should", 100 * shares[0]["l1"], "%", "bounds-level"),
        Figure("lookups that Redis answered where it should", 100 * shares[1]["redis"], "%", "bounds-level"),
        Figure(
            "largest share of a core that wrk took",
            max(median(sample.tool for sample in arm.samples) for arm in arms),
            "ratio",
            "bounds-tool",
        ),
        Figure("errors", sum(sample.errors for arm in arms for sample in arm.samples), "", "bounds-errors"),
    ]
    return report


def _comparisons(arms: list[_Arm], rates: list[list[float]]) -> list[blocks.Comparison]:
    """Requests a second, which the criteria are about, and a processor-second, which a busy machine changes little."""
    frugal = [[sample.rate / busy for sample, busy in zip(arm.samples, arm.busy, strict=True)] for arm in arms]
    local, remote, bare, newcomer = range(len(arms))
    return [
        blocks.Comparison(
            label=f"{arms[subject].name} by {arms[peer].name}, {what}",
            unit="requests/s",
            subject=arms[subject].name,
            peer=arms[peer].name,
            values=(values[subject], values[peer]),
            criterion=criterion if values is rates else None,
        )
        for values, what in ((rates, "a second"), (frugal, "a processor-second"))
        for subject, peer, criterion in (
            (local, bare, "bounds-local"),
            (remote, bare, "bounds-redis"),
            (remote, newcomer, "bounds-newcomer"),
            (local, newcomer, None),
        )
    ]


def _latencies(arms: list[_Arm]) -> Table:
    return Table(
        ("medians of the rounds", "P50", "P95", "P99", "share of its core that it took"),
        {
            arm.name: [
                *((median(sample.latencies[at] for sample in arm.samples), "s") for at in range(3)),
                (median(arm.busy), "ratio"),
            ]
            for arm in arms
        },
    )


def _started(context: Context, group: Group, ids: int) -> list[_Arm]:
    """The four servers, with every entry in Redis.

    Raises:
        RuntimeError: they do not give the same answer.
    """
    context.ui.say("starting the app and its peers")
    remote = group.app("catalog-redis", 61, MUNDO_L1_TTL_MS="0")
    context.ui.say(f"warming Redis with {ids} entries")
    asking.warm(group, remote, range(1, ids + 1))
    config = {name: (_PEERS / name).read_text(encoding="utf-8") for name in ("bare.py", "newcomer.py")}
    path = asking.bounds_of(1)
    config["body.json"] = remote.get(path).decode()
    master, *_ = cache.server_addresses(group.cell.context)
    arms = [
        _Arm("app, in-process", group.app(), _HOT_IDS),
        _Arm("app, Redis", remote, ids),
        _Arm("bare server", group.peer("bare", 62, "bare.py", path, config), ids),
        _Arm("newcomer's", group.peer("newcomer", 63, "newcomer.py", path, config, REDIS_HOST=master), ids),
    ]
    if len({json.dumps(json.loads(arm.server.get(path)), sort_keys=True) for arm in arms}) > 1:
        raise RuntimeError(f"the servers do not answer {path} alike: nothing is compared")
    return arms
