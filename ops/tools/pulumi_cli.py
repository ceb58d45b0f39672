"""The Pulumi CLI with a Python language host and the docker plugin: on PATH, released, or built from `toolchain/`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import semver
from pulumi import automation

from ops.tools import ToolError, cache, docker_plugin, go, network

if TYPE_CHECKING:
    from collections.abc import Callable

VERSION = "3.274.1"
"""The CLI that is installed or built where none is on PATH."""
OLDEST = (3, 200, 0)
BELOW = (4, 0, 0)
LANGUAGE_HOST = "pulumi-language-python"
RECIPE = go.Recipe(
    name="pulumi",
    title="the Pulumi CLI",
    module=go.TOOLCHAIN / "pulumi_cli",
    package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    flags=("-ldflags", f"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version={VERSION}"),
    minutes=5,
)
INSTALLER = "https://get.pulumi.com/install.sh"
_LAUNCHER = go.TOOLCHAIN / "language_python" / "plugin.sh"
_HOST = go.TOOLCHAIN / "language_python" / "language_host.py"


@dataclass(frozen=True)
class PulumiTools:
    """A CLI that can run this project.

    Attributes:
        bin_dir: the folder to put first on PATH.
        version: the CLI's version, such as `3.274.1`.
        origin: how it came here, in words for people.
    """

    bin_dir: Path
    version: str
    origin: str

    @property
    def pulumi(self) -> Path:
        """The CLI's executable."""
        return self.bin_dir / "pulumi"


def find_pulumi() -> PulumiTools | None:
    """The CLI that a run would use, where there is one already; changes nothing."""
    return _on_path() or _released(cache.toolchain_folder()) or _built(cache.toolchain_folder())


def ensure_pulumi(progress: Callable[[str], None]) -> PulumiTools:
    """Have a CLI, its Python language host and the docker plugin ready to use.

    Args:
        progress: told what is done, one line at a time, every few seconds while something is built.

    Raises:
        ToolError: neither found, nor downloaded, nor built; the line says why.
    """
    tools = find_pulumi()
    if tools is None:
        with cache.locked(progress) as folder:
            # A run that was waited for may have made it.
            tools = find_pulumi() or _download(folder, progress) or _build(folder, progress)
    docker_plugin.ensure_plugin(tools.pulumi, progress)
    if go.own_caches().exists():
        with cache.locked(progress):
            go.forget_own_caches()
    return tools


def _on_path() -> PulumiTools | None:
    found = shutil.which("pulumi")
    if found is None:
        return None
    folder = Path(found).parent
    # Where `pulumi` is a link, its language host is looked for beside the real one as well, as the CLI does.
    beside = Path(found).resolve().parent / LANGUAGE_HOST
    if shutil.which(LANGUAGE_HOST) is None and not os.access(beside, os.X_OK):
        return None
    version = _version(Path(found))
    if version is None or not OLDEST <= _numbers(version) < BELOW:
        return None
    return PulumiTools(folder.absolute(), version, "found on PATH")


def _released(folder: Path) -> PulumiTools | None:
    home = folder / f"pulumi-{VERSION}" / "bin"
    whole = os.access(home / "pulumi", os.X_OK) and os.access(home / LANGUAGE_HOST, os.X_OK)
    return PulumiTools(home, VERSION, "Pulumi's own release") if whole else None


def _built(folder: Path) -> PulumiTools | None:
    home = folder / _key()
    return PulumiTools(home, VERSION, "built from Go modules") if home.is_dir() else None


def _key() -> str:
    return cache.digest(RECIPE.key(), files=(_LAUNCHER, _HOST))


def _download(folder: Path, progress: Callable[[str], None]) -> PulumiTools | None:
    """Install the released CLI with Pulumi's installer, where that answers."""
    if not network.answers(INSTALLER):
        progress("Pulumi's installer does not answer: the CLI is built from Go modules instead")
        return None
    progress(f"downloading the Pulumi CLI {VERSION}")
    target = folder / f"pulumi-{VERSION}"
    try:
        with cache.new_folder(target) as draft:
            automation.PulumiCommand.install(root=str(draft), version=semver.VersionInfo.parse(VERSION))
    except (OSError, subprocess.CalledProcessError, automation.CommandError) as error:
        progress(f"Pulumi's installer failed ({error}): the CLI is built from Go modules instead")
        return None
    return _released(folder)


def _build(folder: Path, progress: Callable[[str], None]) -> PulumiTools:
    """Build the CLI, and put the project's own language host and launcher of dynamic providers beside it."""
    program = folder / f"cli-{RECIPE.key()}"
    if not (program / RECIPE.name).exists():
        with cache.new_folder(program) as draft:
            go.build(RECIPE, draft / RECIPE.name, go.find_go(), progress)
    home = folder / _key()
    with cache.new_folder(home) as draft:
        os.link(program / RECIPE.name, draft / RECIPE.name)
        for name in (LANGUAGE_HOST, "pulumi-resource-pulumi-python"):
            shutil.copy(_LAUNCHER, draft / name)
            (draft / name).chmod(0o755)
        shutil.copy(_HOST, draft / _HOST.name)
    tools = PulumiTools(home, VERSION, "built from Go modules")
    if _version(tools.pulumi) != VERSION:
        shutil.rmtree(home)
        shutil.rmtree(program)
        raise ToolError("the Pulumi CLI that was built does not run here: it was removed, try again")
    return tools


def _version(pulumi: Path) -> str | None:
    """The version that a CLI gives, without the leading v; None where it gives none within seconds."""
    try:
        said = subprocess.run(
            [str(pulumi), "version"],
            capture_output=True,
            text=True,
            check=False,
            timeout=10,
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"\d+\.\d+\.\d+\S*", said)
    return found[0] if found else None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])
