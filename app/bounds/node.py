"""One Redis server: its connection, kept for as long as the process lives, and whether it answers."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import hiredis

from app.bounds.link import Command, Link, LinkLostError, Reply
from app.bounds.scripts import SCRIPTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.settings import Address

logger = logging.getLogger(__name__)

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.02, 0.5
_ROLE = ("ROLE",)
_CONNECTED = b"connected"


class RefusedError(ConnectionError):
    """The server does not let us in, or cannot say what it is."""


@dataclass(frozen=True, slots=True)
class NodeTimes:
    """How long a node is waited for, in seconds."""

    patience_s: float
    """for a connection, and for the answer to a check, before the connection counts as lost"""
    check_s: float
    """between two checks"""
    rest_s: float
    """a node that was late is left out for at least so long"""


class NodeOwner(Protocol):
    """Who is told about a node."""

    def node_connected(self, node: Node) -> None:
        """A new connection stands."""

    def node_changed(self, node: Node) -> None:
        """The node is open, usable or following something else than before."""


class Node:
    """A server at one address, with one connection for everything (calls share it, see Link).

    The connection is made again whenever it is lost. `open` tells whether it stands, `suspect` whether the server was
    late: then it is left out until it has answered again, and for `rest_s` at least.
    """

    def __init__(self, address: Address, password: str, times: NodeTimes, owner: NodeOwner) -> None:
        """Begin to connect; `owner` is told what becomes of the node."""
        self.address = address
        self.master_of_replica: Address | None = None
        self.followed: Address | None = None
        self.suspect = False
        self._link: Link | None = None
        self._password = password
        self._times = times
        self._owner = owner
        self._resting: asyncio.TimerHandle | None = None
        self._proved = False
        self._quiet = False
        self._task = asyncio.create_task(self._keep(), name=f"redis {self}")

    def __str__(self) -> str:
        return f"{self.address[0]}:{self.address[1]}"

    @property
    def open(self) -> bool:
        """Whether commands can be sent."""
        return self._link is not None

    @property
    def usable(self) -> bool:
        """Whether an answer can be expected."""
        return self._link is not None and not self.suspect

    def send(self, data: bytes, replies: int, done: Callable[[list[Reply] | None], None]) -> None:
        """Send packed commands (see Link.send)."""
        if self._link is None:
            done(None)
        else:
            self._link.send(data, replies, done)

    async def ask(self, *commands: Command) -> list[Reply]:
        """Send commands and wait for the replies; raises LinkLostError."""
        if self._link is None:
            raise LinkLostError(f"{self} is not connected")
        return await self._link.ask(*commands)

    def late(self) -> None:
        """Leave the node out: it has not answered in time."""
        self._proved = False
        if self._resting is not None:
            self._resting.cancel()
        self._resting = asyncio.get_running_loop().call_later(self._times.rest_s, self._rested)
        if not self.suspect:
            self.suspect = True
            logger.warning("redis is late", extra={"redis": str(self)})
            self._owner.node_changed(self)

    def answered(self) -> None:
        """A late node has answered after all."""
        self._proved = True
        if self._resting is None:
            self._trust()

    async def stop(self) -> None:
        """Close the connection for good."""
        # Cancelled until it ends: a connection that stands in the same moment may swallow a cancellation.
        while not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task], timeout=0.2)
        if self._resting is not None:
            self._resting.cancel()

    def _rested(self) -> None:
        self._resting = None
        if self._proved:
            self._trust()

    def _trust(self) -> None:
        if self.suspect:
            self.suspect = False
            self._owner.node_changed(self)

    async def _keep(self) -> None:
        loop = asyncio.get_running_loop()
        pause = _FIRST_PAUSE_S
        while True:
            try:
                async with asyncio.timeout(self._times.patience_s):
                    link = await self._connect()
            except (OSError, hiredis.ProtocolError) as error:
                if not self._quiet:
                    self._quiet = True
                    reason = str(error) or type(error).__name__
                    logger.warning("redis is away", extra={"redis": str(self), "error": reason})
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_S)
                continue
            pause = _FIRST_PAUSE_S
            self._quiet = False
            since = loop.time()
            try:
                self._link = link
                self.answered()
                self._owner.node_connected(self)
                await self._check(link)
            finally:
                self._link = None
                link.abort()
            self._owner.node_changed(self)
            # Once lost, made again at once; one that does not last is not made again and again without a pause.
            await asyncio.sleep(0 if loop.time() - since > self._times.check_s else _FIRST_PAUSE_S)

    async def _connect(self) -> Link:
        link = await Link.connect(*self.address)
        try:
            replies = await link.ask(
                ("AUTH", self._password), *(("SCRIPT", "LOAD", script) for script in SCRIPTS), _ROLE
            )
            for reply in replies:
                _accept(reply)
            self._take_role(replies[-1])
        except BaseException:
            link.abort()
            raise
        return link

    async def _check(self, link: Link) -> None:
        """Ask the server from time to time what it is, until the connection is lost or it does not answer."""
        while not link.lost.done():
            await asyncio.wait([link.lost], timeout=self._times.check_s)
            with contextlib.suppress(LinkLostError):
                try:
                    async with asyncio.timeout(self._times.patience_s):
                        (role,) = await link.ask(_ROLE)
                except TimeoutError:
                    self.late()
                    return
                before = self.master_of_replica, self.followed
                self._take_role(role)
                self.answered()
                if before != (self.master_of_replica, self.followed):
                    self._owner.node_changed(self)

    def _take_role(self, role: Reply) -> None:
        _accept(role)
        self.master_of_replica = None
        if role[0] == b"slave":
            master = role[1].decode(), int(role[2])
            if role[3] == _CONNECTED:
                self.master_of_replica = self.followed = master


def _accept(reply: Reply) -> None:
    if isinstance(reply, hiredis.ReplyError):
        raise RefusedError(str(reply))
