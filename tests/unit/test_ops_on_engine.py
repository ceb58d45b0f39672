"""What the command finds on a Docker engine and removes from it: the real one, with things of the test's own."""

from __future__ import annotations

import io
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pytest
from rich.console import Console

from images.base import build as base_image
from ops import clean, engine_objects, heal, summary
from ops.errors import OpsError
from tests.unit.engine_things import INSTANCE, Engine, engine_of_its_own
from tests.unit.stacks import context

if TYPE_CHECKING:
    from collections.abc import Iterator

    import docker


@pytest.fixture
def engine() -> Iterator[Engine]:
    with engine_of_its_own() as made:
        yield made


def test_leftovers_go_and_what_state_knows_stays(engine: Engine) -> None:
    labels = engine.labels()
    known, half_made = engine.container(labels=labels, start=True), engine.container(labels=labels, start=True)
    foreign = engine.container(labels=engine.labels(instance="another"))
    known_network, half_network = engine.network(labels=labels), engine.network(labels=labels)
    engine.client.volumes.create(f"{engine.stack}-data", labels=labels)
    resources = [{"urn": "urn:a", "id": known.id}, {"urn": "urn:b", "id": known_network.id}]
    said: list[str] = []
    heal.remove_leftovers(engine.client, engine.stack, INSTANCE, resources, said.append)
    assert engine.things() == {str(thing.name) for thing in (known, foreign, known_network)}
    assert engine_objects.find(engine.client, engine.stack, INSTANCE).volumes
    assert said == [
        f"removing {half_made.name}, left half-made by an interrupted update",
        f"removing the network {half_network.name}, left half-made by an interrupted update",
    ]


@pytest.mark.parametrize(("instances", "ends"), [(1, True), (2, False)])
def test_a_proxy_that_is_to_go_gives_its_port_back(engine: Engine, instances: int, *, ends: bool) -> None:
    proxy = engine.container(labels=engine.labels(), start=True, init=True)
    proxy.rename(f"mundo-{engine.stack}-proxy")
    other = engine.container(labels=engine.labels(), start=True)
    settings = context(catalog={"instances": instances}).settings
    said: list[str] = []
    heal.free_port(engine.client, engine.stack, settings, said.append)
    proxy.reload()
    other.reload()
    assert (proxy.status, other.status) == ("exited" if ends else "running", "running")
    assert bool(said) is ends


def test_remove_all_removes_what_carries_the_mark(engine: Engine) -> None:
    labels = engine.labels()
    network = engine.network(labels=labels)
    container = engine.container(labels=labels, network=network.name, start=True)
    foreign = engine.container(labels=engine.labels(instance="another"))
    volume = engine.client.volumes.create(f"{engine.stack}-data", labels=labels)
    removed = heal.remove_all(engine.client, engine.stack, INSTANCE)
    assert removed.containers == {container.name: container.id}
    assert removed.networks == {network.name: network.id}
    assert list(removed.volumes) == [volume.name]
    assert engine_objects.find(engine.client, engine.stack, INSTANCE).empty
    assert engine.things() == {str(foreign.name)}


def test_remove_all_says_what_is_still_used_by_others(engine: Engine) -> None:
    network = engine.network(labels=engine.labels())
    engine.container(network=network.name, start=True)
    with pytest.raises(OpsError, match=f"^{network.name} cannot be removed: .*active endpoints"):
        heal.remove_all(engine.client, engine.stack, INSTANCE)


def test_remove_all_says_whose_volume_is_in_use(engine: Engine) -> None:
    volume = engine.client.volumes.create(f"{engine.stack}-data", labels=engine.labels())
    engine.container(volumes={volume.name: {"bind": "/data", "mode": "rw"}})
    with pytest.raises(OpsError, match=f"^{volume.name} cannot be removed: .*in use"):
        heal.remove_all(engine.client, engine.stack, INSTANCE)


def test_foreign_is_found_by_every_kind_of_thing(engine: Engine) -> None:
    assert engine_objects.foreign(engine.client, engine.stack, INSTANCE) is None
    engine.network(labels=engine.labels())
    assert engine_objects.foreign(engine.client, engine.stack, INSTANCE) is None
    volume = engine.client.volumes.create(f"{engine.stack}-data", labels=engine.labels(instance="another"))
    assert engine_objects.foreign(engine.client, engine.stack, INSTANCE) == volume.name
    container = engine.container(labels=engine.labels(instance="another"))
    assert engine_objects.foreign(engine.client, engine.stack, INSTANCE) == container.name


def test_no_engine_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    with pytest.raises(OpsError, match=r"^no Docker engine answers: make doctor says what is missing$"):
        engine_objects.client()


def test_status_lists_the_containers_of_the_stack(engine: Engine) -> None:
    check = {"test": ["CMD", "true"], "interval": 3_600_000_000_000}
    running = engine.container(labels=engine.labels(), start=True, healthcheck=check)
    stopped = engine.container(labels=engine.labels())
    text = io.StringIO()
    table = summary.containers(engine.client, engine.stack)
    Console(file=text, width=160).print(table)
    rows = {
        line.split("│")[1].strip(): line for line in text.getvalue().splitlines() if "ops-test-" in line and "│" in line
    }
    assert table.row_count == 2
    assert [word.strip() for word in rows[str(running.name)].split("│")[2:6]] == ["test", "running", "starting", "0"]
    assert [word.strip() for word in rows[str(stopped.name)].split("│")[2:6]] == ["test", "created", "-", "0"]


@dataclass
class _OnlyOurs:
    """The engine's real images, of which those of other people are not shown."""

    client: docker.DockerClient
    prefix: str

    def list(self, *, filters: dict[str, str]) -> list[Any]:
        """What the engine finds, without what is not the test's."""
        found = self.client.images.list(filters=filters)
        return [image for image in found if any(tag.startswith(self.prefix) for tag in image.tags)]

    def remove(self, tag: str) -> None:
        """Removes an image of the test."""
        assert tag.startswith(self.prefix)
        self.client.images.remove(tag)


@dataclass
class _Narrowed:
    """The real engine for a command that removes images; what it may see of them is the test's own."""

    images: _OnlyOurs
    containers: Any


def _image(engine: Engine, name: str, text: str, base: str | None = None) -> str:
    """A throw-away image of the project, made of one more label."""
    tag = f"mundo/{engine.stack}-{name}:1"
    recipe = f"FROM {base or base_image.ensure()}\nLABEL ops-test={text}\n"
    engine.client.images.build(fileobj=io.BytesIO(recipe.encode()), tag=tag, rm=True)
    return tag


def test_clean_removes_unused_images_of_the_project_alone(engine: Engine) -> None:
    unused, used, lost = (_image(engine, name, f"{engine.stack}-{name}") for name in ("unused", "used", "lost"))
    other = f"ops-test/{engine.stack}:1"
    engine.client.images.get(unused).tag(f"ops-test/{engine.stack}", "1")
    for tag in (used, lost):
        name = f"ops-test-{secrets.token_hex(4)}"
        engine.containers.append(engine.client.containers.create(tag, ["true"], name=name))
    engine.client.images.remove(lost, force=True)
    narrowed = _Narrowed(_OnlyOurs(engine.client, f"mundo/{engine.stack}-"), engine.client.containers)
    try:
        assert list(clean.unused_images(cast("docker.DockerClient", narrowed))) == [unused]
        assert base_image.exists(other)
        assert base_image.exists(used)
        assert not base_image.exists(unused)
    finally:
        for container in engine.containers:
            container.remove(force=True)
        for tag in (unused, used, other):
            if base_image.exists(tag):
                engine.client.images.remove(tag)
