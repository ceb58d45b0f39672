"""Every policy is kept by a good resource and broken by a bad one; exemptions are about what they name, and needed."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from ops.cli import app
from ops.errors import OpsError
from ops.policies import command, rules
from ops.policies.check import check
from ops.policies.exceptions import EXEMPTIONS, Exemption
from ops.policies.planned import CONTAINER, FILES, IMAGE, NETWORK, VOLUME, Planned, Resource, resources
from ops.policies.policy import REGISTRY
from ops.preview.properties import SECRET

_SECRET = "unit-test-secret-value"
_LABELS = [{"label": label, "value": "prod" if label.endswith("stack") else "x"} for label in rules.LABELS]
_VOLUMES = [
    {"volumeName": "postgres-data", "containerPath": "/var/lib/postgresql"},
    {"volumeName": "postgres-files", "containerPath": "/run/mundo"},
    {"hostPath": "/proc", "containerPath": "/host/proc", "readOnly": True},
]
_CONTAINER: dict[str, Any] = {
    "user": "999:999",
    "envs": ["A=b"],
    "command": ["postgres"],
    "restart": "unless-stopped",
    "readOnly": True,
    "capabilities": {"drops": ["ALL"]},
    "securityOpts": ["no-new-privileges:true"],
    "memory": 512,
    "memorySwap": 512,
    "healthcheck": {"tests": ["CMD", "pg_isready"], "interval": "5s", "timeout": "3s", "retries": 6},
    "volumes": _VOLUMES,
    "ports": [{"internal": 5432, "external": 5432, "ip": "127.0.0.1"}],
    "labels": _LABELS,
}
_GOOD = {
    "image": Resource(kind=IMAGE, name="image-postgres", inputs={"name": "mundo/postgres:7a2215b48e26"}),
    "container": Resource(kind=CONTAINER, name="postgres", inputs=_CONTAINER, sources={"image": ("image-postgres",)}),
    "volume": Resource(
        kind=VOLUME, name="postgres-data", inputs={"name": "postgres-data", "labels": _LABELS}, protect=True
    ),
    "filled": Resource(kind=VOLUME, name="postgres-files", inputs={"name": "postgres-files", "labels": _LABELS}),
    "files": Resource(kind=FILES, name="handover", inputs={"volume": "postgres-files", "files": SECRET}),
    "network": Resource(kind=NETWORK, name="network", inputs={"labels": _LABELS}),
}
_NO_VERSION = [label for label in _LABELS if label["label"] != "mundo.version"]
_DEV = [{"label": label["label"], "value": "dev"} for label in _LABELS]
_ANONYMOUS = {"containerPath": "/data"}
_ENGINE = {"hostPath": "/var/run/docker.sock", "containerPath": "/s", "readOnly": True}
_EVERYWHERE = [{"external": 80, "ip": "0.0.0.0"}]  # noqa: S104 - what is to be refused

BAD: list[tuple[str, str, dict[str, Any]]] = [
    ("pinned-image", "image", {"name": "grafana/grafana"}),
    ("pinned-image", "image", {"name": "grafana/grafana:latest"}),
    ("pinned-image", "image", {"name": "registry.example:5000/grafana"}),
    ("pinned-image", "image", {"name": "debian:stable"}),
    ("health-check", "container", {"healthcheck": None}),
    ("health-check", "container", {"healthcheck": {"tests": ["NONE"]}}),
    ("health-check", "container", {"healthcheck": {**_CONTAINER["healthcheck"], "timeout": None}}),
    ("memory-limit", "container", {"memory": None}),
    ("memory-limit", "container", {"memorySwap": -1}),
    ("named-volume", "container", {"volumes": _VOLUMES[1:]}),
    ("named-volume", "container", {"volumes": [*_VOLUMES, _ANONYMOUS]}),
    ("named-volume", "container", {"volumes": [{"volumeName": "of-somebody-else", "containerPath": "/data"}]}),
    ("machine-read-only", "container", {"volumes": [*_VOLUMES, {"hostPath": "/etc", "containerPath": "/etc"}]}),
    ("machine-read-only", "container", {"volumes": [*_VOLUMES, _ENGINE]}),
    ("loopback", "container", {"ports": _EVERYWHERE}),
    ("loopback", "container", {"ports": [{"external": 80}]}),
    ("loopback", "container", {"ports": [{"external": 80, "ip": "192.0.2.7"}]}),
    ("no-secret-shown", "container", {"envs": [f"PASSWORD={_SECRET}"]}),
    ("no-secret-shown", "container", {"envs": SECRET}),
    ("no-secret-shown", "container", {"command": ["redis-server", "--requirepass", _SECRET]}),
    ("secret-files-private", "files", {"files": {"a": {"text": "b"}}}),
    ("secret-files-private", "files", {"labels": {"a": _SECRET}}),
    ("own-user", "container", {"user": None}),
    ("own-user", "container", {"user": "0:0"}),
    ("own-user", "container", {"user": "999:0"}),
    ("own-user", "container", {"user": "postgres"}),
    ("dropped-capabilities", "container", {"capabilities": None}),
    ("dropped-capabilities", "container", {"capabilities": {"drops": ["ALL"], "adds": ["SYS_ADMIN"]}}),
    ("dropped-capabilities", "container", {"privileged": True}),
    ("dropped-capabilities", "container", {"securityOpts": []}),
    ("read-only-root", "container", {"readOnly": False}),
    ("restart", "container", {"restart": "no"}),
    ("restart", "container", {"restart": None}),
    ("labels", "container", {"labels": None}),
    ("labels", "volume", {"labels": _NO_VERSION}),
    ("labels", "network", {"labels": _DEV}),
]


def _stack(changed: dict[str, Resource] | None = None, name: str = "prod", **more: Any) -> Planned:
    return Planned(name, list({**_GOOD, **(changed or {})}.values()), secrets=(_SECRET,), **more)


def _broken(stack: Planned) -> list[tuple[str, str]]:
    return [(one.policy, one.resource) for one in check([stack], ()).findings]


def test_good_resources_keep_every_policy() -> None:
    outcome = check([_stack()], ())
    assert outcome.findings == ()
    assert all(outcome.asked.values()), outcome.asked


@pytest.mark.parametrize(("name", "which", "inputs"), BAD)
def test_bad_resource_breaks_its_policy_and_no_other(name: str, which: str, inputs: dict[str, Any]) -> None:
    bad = replace(_GOOD[which], inputs={**_GOOD[which].inputs, **inputs})
    assert _broken(_stack({which: bad})) == [(name, bad.name)]


def test_image_that_nobody_declares_is_found() -> None:
    assert _broken(_stack({"container": replace(_GOOD["container"], sources={})})) == [("declared-image", "postgres")]


def test_unprotected_data_are_found_in_production_and_where_settings_protect() -> None:
    bare = {"volume": replace(_GOOD["volume"], protect=False)}
    assert _broken(_stack(bare)) == [("protect", "postgres-data")]
    elsewhere = [label if label["label"] != "mundo.stack" else {**label, "value": "dev"} for label in _LABELS]
    dev = {
        key: replace(one, inputs={**one.inputs, "labels": elsewhere}) if "labels" in one.inputs else one
        for key, one in {**_GOOD, **bare}.items()
    }
    assert _broken(_stack(dev, name="dev")) == []
    assert _broken(_stack(dev, name="dev", protects=True)) == [("protect", "postgres-data")]


def test_every_policy_has_a_bad_resource_here() -> None:
    assert {name for name, _, _ in BAD} | {"declared-image", "protect"} == set(REGISTRY)
    assert all(policy.reason and policy.kinds for policy in REGISTRY.values())


def test_port_on_the_address_that_the_settings_name_is_allowed() -> None:
    opened = replace(_GOOD["container"], inputs={**_CONTAINER, "ports": _EVERYWHERE})
    assert _broken(_stack({"container": opened}, bind_address="0.0.0.0")) == []  # noqa: S104 - what a stack may set


def test_exemption_excuses_what_it_names_and_nothing_else() -> None:
    bad = _stack({"container": replace(_GOOD["container"], inputs={**_CONTAINER, "readOnly": False, "restart": "no"})})
    excused = check([bad], [Exemption("restart", "post*", "why")])
    assert [one.policy for one in excused.findings] == ["read-only-root"]
    assert [one.policy for one in excused.excused] == ["restart"]
    assert excused.unused == ()


def test_exemption_that_nothing_needs_is_an_error() -> None:
    outcome = check([_stack()], [Exemption("restart", "post*", "why")])
    with pytest.raises(OpsError, match=r"^exemptions that nothing needs, .*: restart of post\*$"):
        command.refuse(outcome)


def test_exemptions_name_policies_that_are_there_and_say_why() -> None:
    assert all(one.policy in REGISTRY and one.reason and one.resource != "*" for one in EXEMPTIONS)


def test_what_is_broken_is_shown_and_ends_in_one_line() -> None:
    bad = replace(_GOOD["container"], inputs={**_CONTAINER, "restart": "no"})
    outcome = check([_stack({"container": bad})], EXEMPTIONS)
    text = io.StringIO()
    command.show(outcome, Console(file=text, width=200))
    assert "prod: postgres: its restart policy is no (restart: " in text.getvalue()
    assert all(name in text.getvalue() for name in REGISTRY)
    with pytest.raises(OpsError, match=r"^1 resources break a policy, the first is prod: postgres: its restart"):
        command.refuse(outcome)


def test_steps_become_resources() -> None:
    urn = "urn:pulumi:prod::mundo::mundo:cache:Cache$docker:index/volume:Volume::data"
    state = {"urn": urn, "type": VOLUME, "custom": True, "inputs": {"name": "n"}, "protect": True}
    from_image = {"image": ["urn:pulumi:prod::mundo::docker:index/remoteImage:RemoteImage::image-redis"], "name": None}
    found = resources(
        [
            {"newState": {**state, "propertyDependencies": from_image}},
            {"newState": {**state, "custom": False}},
            {"newState": {**state, "urn": "urn:pulumi:prod::mundo::pulumi:providers:docker::default"}},
            {"oldState": state},
        ]
    )
    assert found == [
        Resource(
            kind=VOLUME,
            name="data",
            inputs={"name": "n"},
            protect=True,
            sources={"image": ("image-redis",), "name": ()},
        )
    ]


def test_unknown_stack_is_one_line() -> None:
    answer = CliRunner().invoke(app, ["policies", "--stack", "nobody-made-this"])
    assert answer.exit_code == 1
    assert answer.stderr.startswith("error: STACK=nobody-made-this: policies look at ")
