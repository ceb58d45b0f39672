"""The Docker engine: found where it is, and a clear line where it is not."""

from __future__ import annotations

import os
import platform
import socketserver
import threading
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING

import pytest

from ops.tools import ToolError, docker_engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class _Engine(BaseHTTPRequestHandler):
    """Answers the one question that is asked of an engine."""

    def do_GET(self) -> None:
        """Tell the version."""
        body = b'{"Version": "27.5.1", "ApiVersion": "1.44", "MinAPIVersion": "1.24"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""

    def address_string(self) -> str:
        """A socket file's client has no address."""
        return "local"


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine on which nothing listens where an engine would."""
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setattr(docker_engine, "_SOCKET", tmp_path / "docker.sock")
    monkeypatch.setattr(docker_engine, "_LOG", tmp_path / "dockerd.log")
    return tmp_path


@pytest.fixture
def answering(nowhere: Path) -> Iterator[Path]:
    """A machine on which an engine answers."""
    with socketserver.ThreadingUnixStreamServer(str(nowhere / "docker.sock"), _Engine) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield nowhere
        server.shutdown()


def test_engine_that_answers_is_used(answering: Path) -> None:
    found = docker_engine.find_engine()
    assert found == docker_engine.EngineInfo(f"unix://{answering}/docker.sock", "27.5.1", started_here=False)
    assert docker_engine.why_none() == ""


def test_docker_host_is_respected(answering: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{answering}/other.sock")
    assert docker_engine.find_engine() is None
    assert not docker_engine.can_install()
    with pytest.raises(
        ToolError, match=r"^no Docker engine answers at DOCKER_HOST=unix://.*/other.sock: nothing listens there$"
    ):
        docker_engine.ensure_engine(lambda _: None)


def test_without_root_one_line_says_what_to_do(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(ToolError) as refused:
        docker_engine.ensure_engine(lambda _: None)
    assert str(refused.value) == (
        f"no Docker engine answers at unix://{nowhere}/docker.sock (nothing listens there): "
        "install and start one, see https://docs.docker.com/engine/install/"
    )


def test_elsewhere_than_debian_nothing_is_installed(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: {"ID": "fedora"})
    with pytest.raises(ToolError, match="only on Debian and Ubuntu"):
        docker_engine.ensure_engine(lambda _: None)


def test_engine_that_ends_at_once_is_quoted(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = nowhere / "path" / "dockerd"
    engine.parent.mkdir()
    engine.write_text("#!/bin/sh\necho starting\necho 'failed to start daemon: no cgroups' >&2\nexit 1\n")
    engine.chmod(0o755)
    monkeypatch.setenv("PATH", f"{engine.parent}:/usr/bin:/bin")
    started = docker_engine._start(lambda _: None)
    assert started is not None, "this machine runs systemd, which starts its own"
    with pytest.raises(
        ToolError, match=r"^the Docker engine ended at its start: failed to start daemon: no cgroups \(all"
    ):
        docker_engine._wait(started, lambda _: None)


def test_engine_that_never_answers_is_given_up(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (nowhere / "dockerd.log").write_text("first\nlevel=info msg=waiting\n")
    monkeypatch.setattr(docker_engine, "_START_SECONDS", 0.5)
    with pytest.raises(ToolError, match=r"did not start within 0.5 s: level=info msg=waiting \(all of it: "):
        docker_engine._wait(None, lambda _: None)
