"""What the command finds on a Docker engine, refuses and removes: against the real one, with things of its own."""

from __future__ import annotations

import io
import secrets
import socket
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import docker
import docker.errors
import docker.types
import pytest
from pulumi import automation
from rich.console import Console

from components import settings as stack_settings
from images.base import build as base_image
from ops import clean, engine_objects, free, heal, preflight, summary
from ops.errors import OpsError
from tests.unit.stacks import context

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker.models.containers import Container
    from docker.models.networks import Network

INSTANCE = "unit"


@dataclass
class Engine:
    """The engine, and what the test made on it."""

    client: docker.DockerClient
    stack: str
    networks: list[Network] = field(default_factory=list)
    containers: list[Container] = field(default_factory=list)

    def labels(self, instance: str = INSTANCE) -> dict[str, str]:
        """The labels of the stack's things."""
        return {"mundo.stack": self.stack, "mundo.instance": instance, "mundo.component": "test"}

    def network(self, subnet: str | None = None, labels: dict[str, str] | None = None) -> Network:
        """A throw-away network."""
        name = f"ops-test-{secrets.token_hex(4)}"
        pools = [docker.types.IPAMPool(subnet=subnet or str(free.free_subnet()))]
        made = self.client.networks.create(
            name, driver="bridge", ipam=docker.types.IPAMConfig(pool_configs=pools), labels=labels or {}
        )
        self.networks.append(made)
        return made

    def container(self, *, start: bool = False, **more: Any) -> Container:
        """A throw-away container of the base image."""
        name = f"ops-test-{secrets.token_hex(4)}"
        made = self.client.containers.create(base_image.ensure(), ["sleep", "60"], name=name, **more)
        self.containers.append(made)
        if start:
            made.start()
            made.reload()
        return made

    def things(self) -> set[str]:
        """Names of the containers and networks of the test that are still there."""
        found: list[Any] = [
            *self.client.containers.list(all=True, filters={"name": "ops-test-"}, ignore_removed=True),
            *self.client.networks.list(filters={"name": "ops-test-"}),
        ]
        made: list[Any] = [*self.containers, *self.networks]
        return {str(thing.name) for thing in found} & {str(thing.name) for thing in made}


@pytest.fixture
def engine() -> Iterator[Engine]:
    try:
        client = docker.from_env()
        client.ping()
    except docker.errors.DockerException:
        pytest.skip("no Docker engine answers")
    made = Engine(client, f"ops-test-{secrets.token_hex(4)}")
    try:
        yield made
    finally:
        for container in made.containers:
            _gone(container, force=True, v=True)
        for network in made.networks:
            _gone(network)
        for volume in client.volumes.list(filters={"label": f"mundo.stack={made.stack}"}):
            volume.remove(force=True)
        client.close()


def _gone(thing: Any, **how: bool) -> None:
    try:
        thing.remove(**how)
    except docker.errors.NotFound:
        return


def _settings(subnet: object = None, **ports: int) -> stack_settings.Settings:
    """Settings that the machine has room for, but for what is given."""
    found = {**free.free_ports(), **ports}
    return context(network={"subnet": str(subnet or free.free_subnet())}, ports=found).settings


def _check(engine: Engine, settings: stack_settings.Settings) -> None:
    preflight.check(engine.client, engine.stack, settings)


def test_room_for_everything_is_no_refusal(engine: Engine) -> None:
    _check(engine, _settings())


def test_port_that_a_foreign_program_holds_is_named(engine: Engine) -> None:
    settings = _settings()
    with socket.socket() as other:
        other.bind(("127.0.0.1", settings.ports.prometheus))
        other.listen()
        with pytest.raises(OpsError) as refusal:
            _check(engine, settings)
    assert str(refusal.value) == (
        f"port {settings.ports.prometheus} (prometheus) is in use by another program: free it, or set another with "
        f"make config STACK={engine.stack} SET=ports.prometheus=PORT"
    )
    _check(engine, settings)


def test_port_of_a_program_on_every_address_is_in_use(engine: Engine) -> None:
    settings = _settings()
    with socket.socket() as other:
        other.bind(("0.0.0.0", settings.ports.app))  # noqa: S104 - this is the case
        other.listen()
        with pytest.raises(OpsError, match=f"^port {settings.ports.app} "):
            _check(engine, settings)


def test_port_of_a_container_names_it_unless_it_is_the_stacks_own(engine: Engine) -> None:
    settings = _settings()
    published = {"8000/tcp": ("127.0.0.1", settings.ports.app)}
    ours = engine.container(labels=engine.labels(), ports=published, start=True)
    _check(engine, settings)
    ours.remove(force=True)
    theirs = engine.container(ports=published, start=True)
    with pytest.raises(OpsError, match=rf"^port {settings.ports.app} \(app\) is in use by {theirs.name}: free it"):
        _check(engine, settings)


def test_port_of_what_is_off_does_not_matter(engine: Engine) -> None:
    settings = _settings()
    assert not settings.grafana.enabled
    with socket.socket() as other:
        other.bind(("127.0.0.1", settings.ports.grafana))
        other.listen()
        _check(engine, settings)
        turned_on = settings.model_copy(update={"grafana": stack_settings.GrafanaSettings(enabled=True)})
        with pytest.raises(OpsError, match=r"\(grafana\) is in use"):
            _check(engine, turned_on)


def test_overlapping_subnet_names_the_network_that_has_it(engine: Engine) -> None:
    wanted = free.free_subnet()
    half = next(iter(wanted.subnets(new_prefix=26)))
    other = engine.network(str(half))
    with pytest.raises(OpsError) as refusal:
        _check(engine, _settings(wanted))
    assert str(refusal.value).startswith(
        f"subnet {wanted} (mundo:network.subnet) overlaps {half} of the Docker network '{other.name}': set another"
    )


def test_subnet_of_the_stacks_own_network_is_its_own(engine: Engine) -> None:
    wanted = free.free_subnet()
    engine.network(str(wanted), labels=engine.labels())
    _check(engine, _settings(wanted))


def test_stack_of_another_checkout_is_refused(engine: Engine) -> None:
    other = engine.network(labels=engine.labels(instance="another"))
    with pytest.raises(OpsError, match=f"^stack '{engine.stack}' .* belongs to another checkout \\({other.name} "):
        _check(engine, _settings())


def test_full_disk_is_refused(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "_FREE_DISK_GB", 1 << 40)
    with pytest.raises(OpsError, match=r"GB free where Docker keeps its data \(/.*make clean-images"):
        _check(engine, _settings())


def test_free_subnet_is_nobodys(engine: Engine) -> None:
    held = free.free_subnet()
    engine.network(str(held))
    # Asked first: what another test makes meanwhile does not count.
    taken = [
        IPv4Network(config["Subnet"], strict=False)
        for network in engine.client.networks.list()
        for config in network.attrs["IPAM"]["Config"] or []
        if ":" not in config["Subnet"]
    ]
    found = {free.free_subnet() for _ in range(20)}
    assert held in taken
    assert len(found) > 1
    for subnet in found:
        assert subnet.prefixlen == 24
        assert subnet.is_private
        assert not [other for other in taken if other.overlaps(subnet)]


def test_a_subnet_typed_with_an_address_inside_is_taken_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    # Docker keeps a subnet as it was typed. Not on the real engine: other tests' tools cannot read such a network.
    half = SimpleNamespace(attrs={"IPAM": {"Config": [{"Subnet": "172.16.0.7/13"}]}})
    engine = SimpleNamespace(networks=SimpleNamespace(list=lambda: [half]), close=lambda: None)
    monkeypatch.setattr(docker, "from_env", lambda: engine)
    for _ in range(50):
        assert not free.free_subnet().overlaps(IPv4Network("172.16.0.0/13"))


def test_free_ports_are_all_different_and_can_be_bound() -> None:
    ports = free.free_ports()
    assert set(ports) == set(stack_settings.PortsSettings.model_fields)
    stack_settings.PortsSettings(**ports)
    held = []
    try:
        for port in ports.values():
            one = socket.socket()
            held.append(one)
            one.bind(("127.0.0.1", port))
    finally:
        for one in held:
            one.close()


def test_leftovers_go_and_what_state_knows_stays(engine: Engine) -> None:
    labels = engine.labels()
    known, half_made = engine.container(labels=labels, start=True), engine.container(labels=labels, start=True)
    foreign = engine.container(labels=engine.labels(instance="another"))
    known_network, half_network = engine.network(labels=labels), engine.network(labels=labels)
    engine.client.volumes.create(f"{engine.stack}-data", labels=labels)
    resources = [{"urn": "urn:a", "id": known.id}, {"urn": "urn:b", "id": known_network.id}]
    stack = _Stack(engine.stack, {"resources": resources})
    said: list[str] = []
    heal.remove_leftovers(engine.client, cast("automation.Stack", stack), INSTANCE, said.append)
    assert engine.things() == {str(thing.name) for thing in (known, foreign, known_network)}
    assert engine_objects.find(engine.client, engine.stack, INSTANCE).volumes
    assert said == [
        f"removing {half_made.name}, left half-made by an interrupted update",
        f"removing the network {half_network.name}, left half-made by an interrupted update",
    ]


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


@dataclass
class _Stack:
    """A stack that is nothing but its state."""

    name: str
    deployment: dict[str, Any]

    def export_stack(self) -> automation.Deployment:
        """The state."""
        return automation.Deployment(version=3, deployment=self.deployment)


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
