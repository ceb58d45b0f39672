"""The page of the architecture and its picture, from the declared resource graph."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from ops.docs.graph import declared
from ops.docs.page import MEND, code, head, table
from ops.docs.picture import Node, draw

if TYPE_CHECKING:
    from ops.docs.graph import Graph, Resource

SOURCE: Final = "the resources that `__main__.py` declares, run under Pulumi's mocks"
PICTURE: Final = "architecture.svg"
_ABOUT: Final = f"""\
What a stack of default settings declares. A lane is a component, a blue box a container, a green box what is made
inside PostgreSQL; an arrow leads from what must be there first to what waits for it. Monitoring waits for nobody: it is
there to tell when something is missing. Images, the network, volumes and files are in the table only.

![What is declared, and what waits for what]({PICTURE})
"""
_CONTAINER: Final = "Container"
_INSIDE: Final = frozenset({"Migrations", "RoleSettings", "CronJob", "ScheduledView", "YearlyPartitions"})


def text() -> str:
    """The page."""
    graph = declared()
    rows = []
    for component in graph.components:
        own = graph.of(component)
        kinds = Counter(one.kind for one in own)
        containers = ", ".join(code(one.name) for one in own if one.kind == _CONTAINER)
        others = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()) if kind != _CONTAINER)
        rows.append((component.kind, containers, others))
    parts = [head("Architecture", SOURCE, _ABOUT), table(("component", "containers", "other resources"), rows)]
    return "\n".join(parts)


def picture() -> str:
    """The picture."""
    graph = declared()
    nodes = boxes(graph)
    lanes = [one.kind for one in graph.components if any(node.lane == one.kind for node in nodes)]
    drawn = draw(lanes, nodes, "Mundo Virtual: what is declared, and what waits for what")
    return f"<!-- Made by `{MEND}` from {SOURCE}: change that, not this file. -->\n{drawn}"


def boxes(graph: Graph) -> list[Node]:
    """A box for each container, and one for each kind of thing inside PostgreSQL."""
    lanes = {component.urn: component.kind for component in graph.components}
    box = {one.urn: _box(one) for one in graph.resources if one.kind == _CONTAINER or one.kind in _INSIDE}
    needs: dict[str, set[str]] = {}
    members: dict[str, list[Resource]] = {}
    for one in sorted(graph.resources, key=lambda resource: resource.urn):
        if one.urn in box:
            members.setdefault(box[one.urn], []).append(one)
            needs.setdefault(box[one.urn], set()).update(box[other] for other in one.needs if other in box)
    return [
        Node(
            id=name,
            label=_label(own),
            lane=lanes[own[0].parent],
            kind="container" if own[0].kind == _CONTAINER else "database",
            needs=tuple(sorted(needs[name] - {name})),
        )
        for name, own in sorted(members.items())
    ]


def _box(one: Resource) -> str:
    return one.name if one.kind == _CONTAINER else one.kind


def _label(own: list[Resource]) -> str:
    if own[0].kind == _CONTAINER:
        return own[0].name
    return own[0].kind if len(own) == 1 else f"{len(own)} {own[0].kind}"
