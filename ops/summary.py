"""Tables for people: where things are, how they are, what to type next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import docker
    from rich.console import Console

_ADDRESSES = (
    ("app_url", "catalogue (page and API)"),
    ("docs_url", "API documentation"),
    ("status_url", "KPIs, alerts and services"),
    ("prometheus_url", "Prometheus"),
    ("alertmanager_url", "Alertmanager"),
    ("grafana_url", "Grafana"),
)


def addresses(console: Console, outputs: Mapping[str, Any], stack: str) -> None:
    """Where the platform answers, where its passwords are shown, and what to type next."""
    table = Table(title=f"Mundo Virtual · stack {stack}", title_justify="left", show_header=False)
    table.add_column()
    table.add_column(overflow="fold", min_width=60)
    for key, what in _ADDRESSES:
        if outputs.get(key):
            table.add_row(what, str(outputs[key]))
    table.add_row("PostgreSQL", masked(str(outputs["postgres_url"])))
    console.print(table)
    suffix = "" if stack == "local" else f" STACK={stack}"
    console.print(f"Passwords: [bold]make outputs SHOW_SECRETS=1{suffix}[/bold]", highlight=False)
    console.print(
        f"Next: [bold]make ingest FILE=farm.geojson{suffix}[/bold] loads a file, [bold]make sample{suffix}[/bold] "
        f"makes one, [bold]make status{suffix}[/bold] looks, [bold]make help[/bold] lists the rest.",
        highlight=False,
    )


def timings(console: Console, steps: Mapping[str, float]) -> None:
    """How long each step took, in seconds."""
    console.print("Took: " + " · ".join(f"{name} {seconds:.1f} s" for name, seconds in steps.items()), highlight=False)


def masked(url: str) -> str:
    """A connection address with its password hidden."""
    if "://" not in url or "@" not in url:
        return url
    scheme, rest = url.split("://", 1)
    login, host = rest.rsplit("@", 1)
    return f"{scheme}://{login.split(':', 1)[0]}:***@{host}"


def containers(engine: docker.DockerClient, stack: str) -> Table:
    """Every container of the stack: state, health, restarts, memory."""
    table = Table(title=f"stack {stack}", title_justify="left")
    for column in ("container", "component", "state", "health", "restarts", "image"):
        table.add_column(column)
    found = engine.containers.list(all=True, filters={"label": f"mundo.stack={stack}"}, ignore_removed=True)
    for container in sorted(found, key=lambda item: str(item.name)):
        state = container.attrs["State"]
        health = state.get("Health", {}).get("Status", "-")
        colour = {"healthy": "green", "starting": "yellow"}.get(health, "red")
        table.add_row(
            str(container.name),
            container.labels.get("mundo.component", ""),
            state["Status"],
            f"[{colour}]{health}[/{colour}]",
            str(container.attrs.get("RestartCount", 0)),
            next(iter(container.image.tags), "") if container.image else "",
        )
    return table
