"""The language host over its real protocol, with a stand-in for the engine at the other end."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import grpc  # type: ignore[import-untyped]  # the package has no types
import pytest
from google.protobuf import empty_pb2  # type: ignore[import-untyped]  # the package has no types
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    language_pb2,
    language_pb2_grpc,
    resource_pb2,
    resource_pb2_grpc,
)

from ops.tools import go

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDER = go.TOOLCHAIN / "language_python"
ERROR = engine_pb2.ERROR


class Engine(engine_pb2_grpc.EngineServicer, resource_pb2_grpc.ResourceMonitorServicer):
    """What a program needs of an engine and its resource monitor: it takes everything and remembers it."""

    def __init__(self) -> None:
        self.logged: list[tuple[int, str]] = []
        self.outputs: list[dict[str, object]] = []

    def Log(self, request: engine_pb2.LogRequest, _context: grpc.ServicerContext) -> empty_pb2.Empty:  # noqa: N802
        """Remember what the program says."""
        self.logged.append((request.severity, request.message))
        return empty_pb2.Empty()

    def SupportsFeature(  # noqa: N802
        self, _request: resource_pb2.SupportsFeatureRequest, _context: grpc.ServicerContext
    ) -> resource_pb2.SupportsFeatureResponse:
        """Have none of the newer features."""
        return resource_pb2.SupportsFeatureResponse(hasSupport=False)

    def RegisterResource(  # noqa: N802
        self, request: resource_pb2.RegisterResourceRequest, _context: grpc.ServicerContext
    ) -> resource_pb2.RegisterResourceResponse:
        """Give each resource a name."""
        return resource_pb2.RegisterResourceResponse(urn=f"urn:pulumi:s::p::{request.type}::{request.name}")

    def RegisterResourceOutputs(  # noqa: N802
        self, request: resource_pb2.RegisterResourceOutputsRequest, _context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        """Remember what the program gives out."""
        self.outputs.append(dict(request.outputs))
        return empty_pb2.Empty()

    @property
    def errors(self) -> list[str]:
        """What the program said as errors."""
        return [message for severity, message in self.logged if severity == ERROR]


class Host:
    """A running language host of a project, and the engine that started it."""

    def __init__(self, project: Path) -> None:
        self.project = project
        self.engine = Engine()
        self.server = grpc.server(ThreadPoolExecutor(max_workers=4))
        engine_pb2_grpc.add_EngineServicer_to_server(self.engine, self.server)
        resource_pb2_grpc.add_ResourceMonitorServicer_to_server(self.engine, self.server)
        self.address = f"127.0.0.1:{self.server.add_insecure_port('127.0.0.1:0')}"
        self.server.start()
        self.process = subprocess.Popen(
            [str(project / "bin" / "pulumi-language-python"), "-some-flag", self.address],
            cwd=project / "below",
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": "", "VIRTUAL_ENV": ""},
        )
        assert self.process.stdout is not None
        self.channel = grpc.insecure_channel(f"127.0.0.1:{int(self.process.stdout.readline())}")
        self.client = language_pb2_grpc.LanguageRuntimeStub(self.channel)

    def run(self, program: str, *, preview: bool = True) -> language_pb2.RunResponse:
        """Have the host run a program's text."""
        (self.project / "__main__.py").write_text(program)
        folder = str(self.project)
        answer: language_pb2.RunResponse = self.client.Run(
            language_pb2.RunRequest(
                project="p",
                stack="s",
                pwd=folder,
                program=".",
                dryRun=preview,
                parallel=4,
                monitor_address=self.address,
                config={"p:plain": "hello", "p:password": "secret"},
                configSecretKeys=["p:password"],
                info=language_pb2.ProgramInfo(root_directory=folder, program_directory=folder, entry_point="."),
            ),
            timeout=60,
        )
        return answer

    def end(self, number: signal.Signals) -> tuple[int, str, str]:
        """Signal the whole process group, as the engine does; gives exit code, standard output and error."""
        os.killpg(self.process.pid, number)
        said, complained = self.process.communicate(timeout=20)
        return self.process.returncode, said, complained

    def close(self) -> None:
        """End host and engine, whatever state they are in."""
        self.channel.close()
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.communicate()
        self.server.stop(grace=None)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    """A host started in a folder below the project's root, with the project's own environment."""
    (tmp_path / "Pulumi.yaml").write_text("name: p\nruntime: python\n")
    (tmp_path / "below").mkdir()
    (tmp_path / "bin").mkdir()
    (tmp_path / ".venv").symlink_to(sys.prefix)
    shutil.copy(FOLDER / "plugin.sh", tmp_path / "bin" / "pulumi-language-python")
    shutil.copy(FOLDER / "language_host.py", tmp_path / "bin")
    running = Host(tmp_path)
    yield running
    running.close()


def test_program_gets_settings_and_gives_outputs(host: Host) -> None:
    (host.project / "parts.py").write_text("VALUE = 'from a module beside the program'\n")
    answer = host.run(
        "import os, pulumi, parts\n"
        "config = pulumi.Config()\n"
        "pulumi.export('plain', config.require('plain'))\n"
        "pulumi.export('module', parts.VALUE)\n"
        "pulumi.export('folder', os.getcwd())\n"
        "pulumi.export('path', os.environ['PYTHONPATH'])\n"
    )
    assert (answer.error, answer.bail) == ("", False), host.engine.errors
    assert host.engine.outputs == [
        {
            "plain": "hello",
            "module": "from a module beside the program",
            "folder": str(host.project),
            "path": str(host.project),
        }
    ]


def test_each_run_is_a_fresh_process(host: Host) -> None:
    program = "import os, pulumi, parts\nparts.runs.append(1)\npulumi.export('runs', len(parts.runs))\n"
    (host.project / "parts.py").write_text("runs = []\n")
    host.run(program)
    host.run(program, preview=False)
    assert [outputs["runs"] for outputs in host.engine.outputs] == [1, 1]


def test_run_error_is_its_one_line(host: Host) -> None:
    answer = host.run("import pulumi\nraise pulumi.RunError('ports.app is 99999: allowed are 1 to 65535')\n")
    assert (answer.error, answer.bail) == ("", True)
    assert host.engine.errors == ["ports.app is 99999: allowed are 1 to 65535"]


def test_unforeseen_error_shows_the_programs_own_lines(host: Host) -> None:
    answer = host.run("def part():\n    return 1 / 0\n\npart()\n")
    assert answer.bail
    (error,) = host.engine.errors
    assert error.startswith("the program failed:\nTraceback")
    assert error.endswith("ZeroDivisionError: division by zero")
    assert "line 4, in <module>" in error
    assert "language_host.py" not in error
    assert "runpy" not in error


def test_error_inside_an_output_is_reported(host: Host) -> None:
    answer = host.run("import pulumi\npulumi.Output.from_input(1).apply(lambda one: one / 0)\n")
    assert answer.bail
    assert any("division by zero" in error for error in host.engine.errors)


@pytest.mark.parametrize(
    ("program", "text"),
    [
        ("import sys\nsys.exit(3)\n", "the program ended itself: exit code 3"),
        ("import sys\nsys.exit('no')\n", "the program ended itself: exit code no"),
    ],
)
def test_program_that_exits(host: Host, program: str, text: str) -> None:
    assert host.run(program).bail
    assert host.engine.errors == [text]


def test_process_that_dies_is_said(host: Host) -> None:
    answer = host.run("import os\nos._exit(7)\n")
    assert answer.error == "the program's process ended with code 7"


def test_missing_program_is_said(host: Host) -> None:
    host.run("")
    (host.project / "__main__.py").unlink()
    folder = str(host.project)
    answer = host.client.Run(
        language_pb2.RunRequest(
            project="p",
            stack="s",
            pwd=folder,
            monitor_address=host.address,
            info=language_pb2.ProgramInfo(program_directory=folder),
        ),
        timeout=60,
    )
    assert answer.bail
    assert host.engine.errors == [f"no program here: {host.project / '__main__.py'} does not exist"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_leaves_quietly(host: Host, number: signal.Signals) -> None:
    assert host.end(number) == (0, "", "")


def test_leaves_quietly_after_a_run(host: Host) -> None:
    host.run("print('seen')")
    assert host.end(signal.SIGINT) == (0, "seen\n", "")


def test_plugins_without_an_environment_say_how_to_make_it(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").touch()
    for name in ("pulumi-language-python", "pulumi-resource-pulumi-python"):
        (tmp_path / name).symlink_to(FOLDER / "plugin.sh")
        done = subprocess.run(
            [str(tmp_path / name), "127.0.0.1:1"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": "/usr/bin:/bin"},
        )
        assert done.returncode == 1
        assert done.stderr == f"no Python environment at {tmp_path}/.venv: run `make setup` in {tmp_path}\n"
