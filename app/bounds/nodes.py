"""The Redis servers of the group: which one is written to, and which ones are read from."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from app.bounds.node import Node, NodeTimes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from app.settings import Address

logger = logging.getLogger(__name__)


class Nodes:
    """A node for each known address, the same one for as long as anybody names it.

    Reads go in turn to the master that the Sentinels name and to the replicas that follow it. While the master is away,
    the replicas that followed it last go on. What calls itself a master but is not named (one that came back from the
    dead, or was cut off) is never asked, nor is a replica that has lost a master that is there.
    """

    def __init__(
        self, password: str, times: NodeTimes, *, on_master: Callable[[], None], on_connection: Callable[[], None]
    ) -> None:
        """`on_master` is called whenever there is another master, or a new connection to the same one.

        `on_connection` is called for each connection made.
        """
        self._password = password
        self._times = times
        self._on_master = on_master
        self._on_connection = on_connection
        self._nodes: dict[Address, Node] = {}
        self._retired: set[asyncio.Task[None]] = set()
        self._address: Address | None = None
        self._met: Address | None = None
        self._readable: list[Node] = []
        self._usable: list[Node] = []
        self._turn = 0
        self.found = asyncio.Event()

    @property
    def master(self) -> Node | None:
        """The master, connected or not; None before a Sentinel has named one."""
        return self._nodes.get(self._address) if self._address else None

    @property
    def readable(self) -> int:
        """How many nodes answer reads now."""
        return len(self._usable)

    def use(self, master: Address, others: Iterable[Address]) -> None:
        """Take in what the Sentinels say: the master, and every other server they know."""
        named = {master, *others}
        for address in named - self._nodes.keys():
            self._nodes[address] = Node(address, self._password, self._times, self)
        for address in self._nodes.keys() - named:
            task = asyncio.create_task(self._nodes.pop(address).stop())
            self._retired.add(task)
            task.add_done_callback(self._retired.discard)
        self._address = master
        self._sort()
        self._meet()

    def pick(self, tried: list[Node]) -> Node | None:
        """Return the next node to read from that was not tried; a late one only when there is no better one."""
        self._turn += 1
        for nodes in (self._usable, self._readable):
            for offset in range(len(nodes)):
                node = nodes[(self._turn + offset) % len(nodes)]
                if node not in tried:
                    return node
        return None

    async def stop(self) -> None:
        """Close every connection."""
        nodes, self._nodes = list(self._nodes.values()), {}
        await asyncio.gather(*(node.stop() for node in nodes), *self._retired)

    def node_connected(self, node: Node) -> None:
        """Called by a node."""
        self._on_connection()
        if node.address == self._address:
            self._met = None
        self.node_changed(node)

    def node_changed(self, node: Node) -> None:
        """Called by a node."""
        del node
        self._sort()
        self._meet()

    def _sort(self) -> None:
        master = self.master
        there = master is not None and master.usable
        self._readable = [node for node in self._nodes.values() if node.open and self._serves(node, there=there)]
        self._usable = [node for node in self._readable if not node.suspect]
        if self._usable:
            self.found.set()

    def _serves(self, node: Node, *, there: bool) -> bool:
        """Whether the node's data is that of the named master; `there`: whether the master itself answers."""
        if node.address == self._address:
            return True
        return node.master_of_replica == self._address or (node.followed == self._address and not there)

    def _meet(self) -> None:
        master = self.master
        if master is not None and master.usable and self._met != self._address:
            self._met = self._address
            self._on_master()
