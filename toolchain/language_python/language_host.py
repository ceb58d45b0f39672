# ruff: noqa: INP001 - a script beside its launcher, not a package
"""Pulumi's language host for Python programs, over the server inside the Pulumi SDK.

The engine starts it with its own address as the last argument and reads the port that it listens on from its first
line of output. Each run of the program gets a fresh process, as with the host that Pulumi ships: what a preview left
in memory never reaches the update after it. Those processes are forked from a server that has the SDK loaded already.
"""

from __future__ import annotations

import importlib.metadata
import multiprocessing
import os
import runpy
import signal
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import forkserver
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import grpc  # type: ignore[import-untyped]  # the package has no types
import pulumi
from google.protobuf import empty_pb2  # type: ignore[import-untyped]  # the package has no types
from pulumi.automation._server import LanguageServer
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

PROGRAM = "__main__.py"


def run_program(folder: Path) -> None:
    """Run the program in a folder; what it raises becomes a `pulumi.RunError` that a person can read."""
    main = folder / PROGRAM
    if not main.is_file():
        raise pulumi.RunError(f"no program here: {main} does not exist")
    try:
        runpy.run_path(str(main), run_name="__main__")
    except pulumi.RunError:
        raise
    except SystemExit as error:
        if error.code not in (None, 0):
            raise pulumi.RunError(f"the program ended itself: exit code {error.code}") from error
    except Exception as error:
        raise pulumi.RunError(f"the program failed:\n{_program_traceback(error, main)}") from error


def _program_traceback(error: Exception, main: Path) -> str:
    """Format the traceback from the program's first line on, without the host's own frames."""
    frame = error.__traceback__
    while frame is not None and frame.tb_frame.f_code.co_filename != str(main):
        frame = frame.tb_next
    return "".join(traceback.format_exception(type(error), error, frame)).rstrip()


def answer_run(request_bytes: bytes, answer: Connection) -> None:
    """Run the program for one request, in a process of its own, and send the response's bytes back."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    request = language_pb2.RunRequest.FromString(request_bytes)
    folder = Path(request.info.program_directory or request.pwd or ".").resolve()
    os.chdir(request.pwd or folder)
    sys.path.insert(0, str(folder))
    sys.argv = [str(folder / PROGRAM)]
    response = LanguageServer(lambda: run_program(folder)).Run(request, None)  # type: ignore[no-untyped-call]  # the SDK types none of it
    if response.error:
        # The error is on the person's screen already: only say that the run is over.
        response = language_pb2.RunResponse(bail=True)
    answer.send_bytes(response.SerializeToString())


class LanguageHost(LanguageServer):
    """The SDK's language-runtime server, made to run programs from their folders."""

    def __init__(self, engine_address: str) -> None:
        """Remember the engine's address, which programs log and report to."""
        super().__init__(lambda: None)
        self._engine_address = engine_address
        self._context = multiprocessing.get_context("forkserver")

    def Handshake(  # noqa: N802 - the protocol's name
        self,
        request: language_pb2.LanguageHandshakeRequest,
        _context: grpc.ServicerContext,
    ) -> language_pb2.LanguageHandshakeResponse:
        """Take the engine's address from an engine that attaches."""
        self._engine_address = request.engine_address or self._engine_address
        return language_pb2.LanguageHandshakeResponse()

    def Run(  # noqa: N802 - the protocol's name
        self,
        request: language_pb2.RunRequest,
        _context: grpc.ServicerContext,
    ) -> language_pb2.RunResponse:
        """Run the program in a fresh process; a process that dies without an answer is an error that says so."""
        del request.args[:]
        request.args.append(self._engine_address)
        receiver, sender = self._context.Pipe(duplex=False)
        process = self._context.Process(target=answer_run, args=(request.SerializeToString(), sender))
        process.start()
        sender.close()
        try:
            answer = receiver.recv_bytes()
        except EOFError:
            process.join()
            return language_pb2.RunResponse(error=f"the program's process ended with code {process.exitcode}")
        finally:
            receiver.close()
            process.join()
        response: language_pb2.RunResponse = language_pb2.RunResponse.FromString(answer)
        return response

    def GetPluginInfo(  # noqa: N802 - the protocol's name
        self,
        _request: empty_pb2.Empty,
        _context: grpc.ServicerContext,
    ) -> plugin_pb2.PluginInfo:
        """Name the SDK's version as the host's own."""
        return plugin_pb2.PluginInfo(version=importlib.metadata.version("pulumi"))

    def GetProgramDependencies(  # noqa: N802 - the protocol's name
        self,
        _request: language_pb2.GetProgramDependenciesRequest,
        _context: grpc.ServicerContext,
    ) -> language_pb2.GetProgramDependenciesResponse:
        """List what is installed in the environment, for `pulumi about`."""
        installed = {found.name: found.version for found in importlib.metadata.distributions()}
        return language_pb2.GetProgramDependenciesResponse(
            dependencies=[
                language_pb2.DependencyInfo(name=name, version=version) for name, version in sorted(installed.items())
            ],
        )

    def InstallDependencies(  # noqa: N802 - the protocol's name
        self,
        _request: language_pb2.InstallDependenciesRequest,
        _context: grpc.ServicerContext,
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        """Say which command makes the environment: it is locked, and not this host's to change."""
        yield language_pb2.InstallDependenciesResponse(stdout=b"the Python environment is made by `make setup`\n")

    def Cancel(  # noqa: N802 - the protocol's name
        self,
        _request: empty_pb2.Empty,
        _context: grpc.ServicerContext,
    ) -> empty_pb2.Empty:
        """Accept the engine's notice; programs end when the engine stops answering them."""
        return empty_pb2.Empty()


def serve(engine_address: str) -> None:
    """Serve an engine until it asks the process to end."""
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    server = grpc.server(ThreadPoolExecutor(max_workers=4), options=_GRPC_CHANNEL_OPTIONS)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageHost(engine_address), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)  # noqa: T201 - the engine reads it
    stop.wait()
    server.stop(grace=None)


if __name__ == "__main__":
    # The engine interrupts the whole process group at its end: that is the host's to answer, so the server that
    # programs are forked from starts with the signal ignored.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    multiprocessing.set_forkserver_preload(["pulumi.automation._server"])
    forkserver.ensure_running()
    serve(sys.argv[-1])
