"""The docker plugin that is built here speaks of the same things as the SDK that programs are written with."""

from __future__ import annotations

import inspect
import json
import re
from importlib import metadata
from typing import Any

import pulumi
import pulumi_docker
import pytest
from pulumi import _types

from ops.tools import docker_plugin, go

MODULE = go.TOOLCHAIN / "docker_plugin"
SCHEMA: dict[str, Any] = json.loads((MODULE / "schema.json").read_text())


def _properties(cls: type) -> set[str]:
    return {wire_name for _, wire_name, _ in _types._py_properties(cls)}


def test_one_version_everywhere() -> None:
    source = (MODULE / "dockerprovider" / "provider.go").read_text()
    stated = re.search(r'Version = "([\d.]+)"', source)
    assert stated is not None
    assert stated[1] == docker_plugin.VERSION == metadata.version("pulumi-docker") == SCHEMA["version"]


@pytest.mark.parametrize("token", sorted(SCHEMA["resources"]))
def test_resource_is_the_sdks(token: str) -> None:
    spec = SCHEMA["resources"][token]
    name = token.rsplit(":", maxsplit=1)[1]
    resource, arguments = getattr(pulumi_docker, name), getattr(pulumi_docker, f"{name}Args")
    assert resource.pulumi_type == token
    assert set(spec["properties"]) == _properties(resource)
    assert set(spec["inputProperties"]) == _properties(arguments)
    parameters = inspect.signature(arguments.__init__).parameters
    required = {
        wire
        for python, wire, _ in _types._py_properties(arguments)
        if parameters[python].default is inspect.Parameter.empty
    }
    assert set(spec.get("requiredInputs", [])) == required


def test_all_resources_but_the_native_image() -> None:
    known = {
        getattr(member, "pulumi_type", "")
        for member in vars(pulumi_docker).values()
        if inspect.isclass(member) and issubclass(member, pulumi.CustomResource)
    }
    assert known - set(SCHEMA["resources"]) == {"docker:index/image:Image", "pulumi:providers:docker"}


@pytest.mark.parametrize(
    "token", sorted(token for token in SCHEMA["types"] if hasattr(pulumi_docker, f"{token.rsplit(':', 1)[1]}Args"))
)
def test_nested_type_is_the_sdks(token: str) -> None:
    arguments = getattr(pulumi_docker, f"{token.rsplit(':', 1)[1]}Args")
    assert set(SCHEMA["types"][token]["properties"]) == _properties(arguments)
