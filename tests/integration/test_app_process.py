"""The app as a process: how it starts, refuses to start, and ends."""

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.integration.app_parts import Farm

pytest_plugins = ["tests.integration.conftest_app", "tests.integration.conftest_process"]


def test_sigterm_ends_it_quietly_and_logs_are_json(
    process: subprocess.Popen[str], environment: dict[str, str], farm: Farm
) -> None:
    base = f"http://127.0.0.1:{environment['MUNDO_PORT']}"
    with httpx.Client(base_url=base) as client:
        assert client.get(f"/v1/catalogo/{farm.line}", headers={"x-request-id": "one"}).status_code == 200
        often = client.get(f"/v1/catalogo/{farm.line}/bounds", headers={"x-request-id": "often"})
        assert often.status_code == 200
        missing = client.get(f"/v1/catalogo/{2**63 - 1}/bounds", headers={"x-request-id": "missing"})
        assert missing.status_code == 404
        assert client.get("/v1/catalogo/%ED%A0%80").status_code == 422
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=15)
    assert process.returncode == 0, output
    lines = [json.loads(line) for line in output.splitlines()]
    requests = [line for line in lines if line["logger"] == "app.access"]
    logged = {line["request_id"]: (line["status"], line["milliseconds"]) for line in requests}
    assert logged["one"][0] == 200
    assert logged["missing"][0] == 404
    assert "often" not in logged or logged["often"][1] >= 100, "a quick bounds answer is no line of its own"
    assert any("MUNDO_MISSPELT" in line["message"] for line in lines)
    assert all("exception" not in line for line in lines)
    for secret in ("postgres_password", "redis_password"):
        assert (Path(environment["MUNDO_SECRETS_DIR"]) / secret).read_text() not in output


def test_request_under_way_is_finished(process: subprocess.Popen[str], environment: dict[str, str], farm: Farm) -> None:
    with socket.create_connection(("127.0.0.1", int(environment["MUNDO_PORT"])), timeout=10) as peer:
        path = f"/v1/catalogo/{farm.many}/geometrias?limit=10000"
        peer.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        found = peer.recv(1024)
        process.send_signal(signal.SIGTERM)
        while part := peer.recv(65536):
            found += part
    assert found.startswith(b"HTTP/1.1 200")
    assert b'"numberReturned":450' in found
    process.communicate(timeout=15)
    assert process.returncode == 0


def test_health_check_asks_the_running_app(process: subprocess.Popen[str], environment: dict[str, str]) -> None:
    def check(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "app.healthcheck", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=20)

    assert check().returncode == 0
    ready = check("ready")
    assert ready.returncode == 0, ready.stdout
    assert '"postgres"' in ready.stdout
    assert check("nonsense").returncode == 2
    process.kill()
    process.wait()
    gone = check()
    assert gone.returncode == 1
    assert "no answer" in gone.stdout


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"MUNDO_POSTGRES_PORT": "abc"}, "MUNDO_POSTGRES_PORT='abc'"),
        ({"MUNDO_SENTINELS": "somewhere"}, "'somewhere' is not host:port"),
        ({"MUNDO_SECRETS_DIR": "/nowhere"}, "/nowhere/postgres_password: missing"),
        ({"MUNDO_REDIS_PASSWORD": "seen-by-all"}, "MUNDO_REDIS_PASSWORD: a secret is not taken from the environment"),
    ],
)
def test_wrong_settings_are_one_line_and_status_2(
    environment: dict[str, str], changes: dict[str, str], says: str
) -> None:
    command = [sys.executable, "-m", "app"]
    ended = subprocess.run(command, env=environment | changes, capture_output=True, text=True, check=False, timeout=30)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert says in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert "seen-by-all" not in ended.stderr


def test_port_in_use_is_said_and_not_status_0(environment: dict[str, str]) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        environment = environment | {"MUNDO_PORT": str(holder.getsockname()[1])}
        ended = subprocess.run(
            [sys.executable, "-m", "app"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
    assert ended.returncode != 0
    assert "address already in use" in ended.stdout
    assert "Traceback" not in ended.stdout + ended.stderr
