"""What the proxy before the app costs: the same instance, asked directly and through it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from benchmarks import blocks, catalogue, wrk
from benchmarks.app_servers.group import HttpServer, running
from benchmarks.app_servers.pinning import pinned
from benchmarks.app_servers.scale import SCALES
from benchmarks.report import Figure, Report, Table
from components import proxy

if TYPE_CHECKING:
    from docker.models.containers import Container

    from benchmarks.app_servers.group import Group
    from benchmarks.context import Context
    from benchmarks.wrk import Sample, Wrk

_IDS: Final = 100
_ONE: Final = 1

ABOUT: Final = f"""\
Closed loop: wrk asks for bounds of {_IDS} entries, which the app has in memory, so that the proxy's share is as large
as it can be: once with one request under way at any time, once with {wrk.CONNECTIONS}. One instance of the app answers
all of it, asked directly or through HAProxy as it is declared."""


@dataclass
class _Arm:
    """A way to the app, and what was seen on it, round by round."""

    name: str
    address: str
    connections: int
    samples: list[Sample] = field(default_factory=list)

    def measured(self, tool: Wrk, seconds: float) -> blocks.Arm:
        """The arm of a comparison: seconds a request, with so many under way."""

        def once(number: int) -> float:
            sample = tool.run(self.address, ids=_IDS, seconds=seconds, connections=self.connections)
            if number >= 0:
                self.samples.append(sample)
            return self.connections / sample.rate

        return blocks.Arm(self.name, once)


def run(context: Context) -> Report:
    """Measures both ways in one interleaving."""
    scale = SCALES[context.options.scale]
    catalogue.at_least(context, scale.bounds_ids)
    report = Report(
        name="proxy",
        title="The proxy: the app through it and without it",
        about=ABOUT,
        parameters={"seconds of a round": scale.bounds_seconds},
    )
    with contextlib.ExitStack() as stack:
        group = stack.enter_context(running(context))
        tool = stack.enter_context(wrk.running(group.cell, context.ui.say))
        context.ui.say("starting the app and the proxy")
        app = group.app()
        before = _proxy(group, app)
        report.parameters["processors"] = stack.enter_context(
            pinned(
                [app.container], [tool.container, before.container, *group.containers("redis", "sentinel", "postgres")]
            )
        )
        arms = [
            _Arm(name, server.address, connections)
            for connections in (_ONE, wrk.CONNECTIONS)
            for name, server in (("through the proxy", before), ("directly", app))
        ]
        pairs = context.options.window_pairs
        with context.ui.steps("proxy", pairs) as advance:
            values = blocks.measured(
                [arm.measured(tool, scale.bounds_seconds) for arm in arms], pairs, on_round=lambda: advance(1)
            )
        used = _mebibytes(before.container)
    report.comparisons += [
        blocks.Comparison(
            label=f"time of a request, {arms[at].connections} under way",
            unit="s",
            subject=arms[at].name,
            peer=arms[at + 1].name,
            values=(values[at], values[at + 1]),
        )
        for at in (0, 2)
    ]
    report.tables.append(_latencies(arms))
    report.figures += [
        Figure("memory of the proxy afterwards", used, "MiB"),
        Figure("errors", sum(sample.errors for arm in arms for sample in arm.samples), "", "proxy-errors"),
    ]
    return report


def _proxy(group: Group, app: HttpServer) -> HttpServer:
    """The proxy as it is declared, before the one instance."""
    declared = proxy.service(group.cell.context, {"catalog": app.address})
    group.cell.start(declared)
    container = group.cell.running[proxy.NAME].get_wrapped_container()
    return HttpServer(f"{group.cell.context.address(proxy.HOST_NUMBER)}:{proxy.PORT}", container)


def _latencies(arms: list[_Arm]) -> Table:
    return Table(
        ("medians of the rounds", "P50", "P95", "P99"),
        {
            f"{arm.name}, {arm.connections} under way": [
                (median(sample.latencies[at] for sample in arm.samples), "s") for at in range(3)
            ]
            for arm in arms
        },
    )


def _mebibytes(container: Container) -> float:
    """Memory that a container holds, what the kernel may take back apart."""
    stats: Any = container.stats(stream=False, one_shot=True)
    memory = stats["memory_stats"]
    held = memory["usage"] - memory["stats"].get("total_inactive_file", memory["stats"].get("inactive_file", 0))
    return float(round(held / 2**20, 1))
