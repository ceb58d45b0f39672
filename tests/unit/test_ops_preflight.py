"""What an update is refused for before it begins, and what is free: against the real Docker engine."""

from __future__ import annotations

import socket
from ipaddress import IPv4Network
from types import SimpleNamespace
from typing import TYPE_CHECKING

import docker
import pytest

from components import settings as stack_settings
from ops import free, preflight
from ops.errors import OpsError
from ops.upgrade import version
from tests.unit.engine_things import Engine, engine_of_its_own
from tests.unit.stacks import context

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def engine() -> Iterator[Engine]:
    with engine_of_its_own() as made:
        yield made


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


def test_data_of_another_postgres_are_not_touched_by_an_update(engine: Engine) -> None:
    there = version.of_release() - 1
    server = engine.container(
        labels=engine.labels(), environment={"PATH": f"/usr/lib/postgresql/{there}/bin:/usr/local/bin:/usr/bin:/bin"}
    )
    server.rename(f"{server.name}-postgres")
    with pytest.raises(OpsError) as refusal:
        _check(engine, _settings())
    assert str(refusal.value) == (
        f"the data of stack '{engine.stack}' are of PostgreSQL {there}, this release has {there + 1}: "
        f"make major-upgrade STACK={engine.stack} brings them over; nothing was changed"
    )
    preflight.check(engine.client, engine.stack, _settings(), same_postgres=False)


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
