"""A second stack is killed in the middle, healed and removed; the first one, in use, never notices."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import docker
import httpx
import pytest

if TYPE_CHECKING:
    from tests.e2e.operator import Operator

HALF = 4
"""Containers after which the neighbour's `up` is killed."""

pytestmark = pytest.mark.timeout(1200)


@dataclass
class Visitor:
    """Asks the app for something again and again, and counts."""

    url: str
    asked: int = 0
    failures: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._visit)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join()

    def _visit(self) -> None:
        with httpx.Client(base_url=self.url, timeout=10) as client:
            while not self._stop.wait(0.05):
                self.asked += 1
                try:
                    answer = client.get("/v1/catalogo", params={"limit": 1})
                except httpx.HTTPError as error:
                    self.failures.append(repr(error))
                    continue
                if answer.status_code != 200:
                    self.failures.append(str(answer.status_code))


def test_a_neighbour_comes_is_killed_heals_and_goes(operator: Operator, neighbour: Operator) -> None:
    before = operator.containers()
    with Visitor(operator.outputs()["app_url"]) as visitor:
        neighbour.succeeds("init", "--side-by-side")
        neighbour.killed("up", when=lambda: len(neighbour.containers()) >= HALF)
        assert HALF <= len(neighbour.containers()) < len(before)
        shown = neighbour.succeeds("up")
        assert "interrupted update" in shown
        assert set(neighbour.containers()) == set(before)
        assert "no differences" in neighbour.succeeds("preview")
        assert "no differences" in neighbour.succeeds("refresh")

        client = docker.from_env()
        client.containers.get(neighbour.containers()["postgres"]).kill()
        client.close()
        neighbour.succeeds("down", "--force")
        assert neighbour.left_over() == []
    assert visitor.asked > 100
    assert visitor.failures == []
    assert operator.containers() == before
