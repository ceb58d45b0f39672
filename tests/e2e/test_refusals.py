"""Bad input to a command: one clear line, exit status not zero, nothing changed."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
import yaml

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.operator import Operator

pytestmark = pytest.mark.timeout(600)


def test_an_unknown_key(operator: Operator) -> None:
    text = operator.settings_file.read_text()
    operator.settings_file.write_text(text + "  mundo:postgress:\n    cpus: 1\n")
    try:
        for command in ("up", "preview"):
            line = operator.mundo(command).error_line
            assert "unknown key 'mundo:postgress'" in line
            assert "allowed are access," in line
        typed = operator.pulumi("preview")
        assert typed.status != 0
        assert "unknown key 'mundo:postgress'" in typed.out + typed.err
    finally:
        operator.settings_file.write_text(text)


def test_a_value_that_is_not_allowed(operator: Operator) -> None:
    text = operator.settings_file.read_text()
    line = operator.mundo("config", "ports.app=80").error_line
    assert "mundo:ports.app is 80" in line
    assert operator.settings_file.read_text() == text


def test_a_port_in_use(operator: Operator, neighbour: Operator) -> None:
    neighbour.succeeds("init", "--side-by-side")
    port = yaml.safe_load(neighbour.settings_file.read_text())["config"]["mundo:ports"]["app"]
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", port))
        holder.listen()
        line = neighbour.mundo("up").error_line
    assert f"port {port} (app) is in use by another program" in line
    assert neighbour.left_over() == []
    neighbour.succeeds("config", f"ports.app={operator.outputs()['app_url'].rsplit(':', 1)[1]}")
    assert f"is in use by mundo-{operator.stack}-proxy" in neighbour.mundo("up").error_line


def test_a_wrong_passphrase(operator: Operator, tmp_path: Path) -> None:
    wrong = tmp_path / "passphrase"
    wrong.write_text("not the one\n")
    for command in ("up", "preview", "down"):
        words = (command, "--force") if command == "down" else (command,)
        line = operator.mundo(*words, PULUMI_CONFIG_PASSPHRASE_FILE=str(wrong)).error_line
        assert "wrong passphrase" in line
    assert (
        "which is not a file" in operator.mundo("up", PULUMI_CONFIG_PASSPHRASE_FILE=str(tmp_path / "none")).error_line
    )


def test_no_docker_engine(operator: Operator) -> None:
    for command in ("up", "status"):
        assert "Docker" in operator.mundo(command, DOCKER_HOST="unix:///nonexistent/docker.sock").error_line


def test_a_stack_that_does_not_exist(operator: Operator) -> None:
    from tests.e2e.operator import Operator as Somebody  # noqa: PLC0415 - only the type is needed elsewhere

    nobody = Somebody(operator.checkout, operator.home, "nobody")
    for words in (("down", "--force"), ("refresh",), ("outputs",), ("status",)):
        assert "nobody" in nobody.mundo(*words).error_line
    for name in ("Bad_Name", "a b", "../x"):
        assert (
            "allowed are lower-case letters" in Somebody(operator.checkout, operator.home, name).mundo("up").error_line
        )


def test_down_asks(operator: Operator) -> None:
    before = operator.containers()
    assert "FORCE=1" in operator.mundo("down").error_line
    assert operator.containers() == before


def test_protected_data_are_not_removed(operator: Operator) -> None:
    text = operator.settings_file.read_text()
    operator.succeeds("config", "protect=true")
    try:
        assert "protects its data" in operator.mundo("down", "--force").error_line
    finally:
        operator.settings_file.write_text(text)


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "missing.geojson"), (b"", "empty"), (b'{"type": "FeatureCollection", "features": [', "broken.geojson")],
)
def test_a_file_that_cannot_be_loaded(operator: Operator, tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / ("missing.geojson" if content is None else "empty.geojson" if not content else "broken.geojson")
    if content is not None:
        path.write_bytes(content)
    assert said in operator.mundo("ingest", str(path)).error_line


def test_dev_says_when_the_stack_is_not_there(operator: Operator, neighbour: Operator) -> None:
    assert f"there is no stack '{neighbour.stack}' here" in neighbour.mundo("dev").error_line
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        taken = holder.getsockname()[1]
        assert f"PORT={taken} cannot be had" in operator.mundo("dev", "--port", str(taken)).error_line
