"""Makes the base image, `mundo/base:DIGEST`.

Debian trixie is pulled when a registry answers at once; otherwise debootstrap makes it from the Debian archive that the
host itself uses. The host's certificate bundle goes in, so builds work behind a proxy that inspects TLS.
"""

from __future__ import annotations

import io
import re
import shutil
import ssl
import subprocess
import tarfile
import tempfile
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from pathlib import Path
from typing import TYPE_CHECKING

import docker
import docker.errors

from images.content import ROOT, ImageError, digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DEBIAN = "debian:trixie-slim"
SUITE = "trixie"
_PULL_SECONDS = 45


def host_certificates() -> bytes:
    """The certificate bundle that this host trusts; empty where it has none."""
    path = ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt"
    return Path(path).read_bytes() if Path(path).is_file() else b""


def tag() -> str:
    """`mundo/base:DIGEST`, by content: the recipe and the host's certificates."""
    recipe = (ROOT / "images/base/Dockerfile").read_bytes()
    return f"mundo/base:{digest(recipe, SUITE.encode(), host_certificates())}"


def exists(reference: str) -> bool:
    """Whether the Docker engine has the image `reference`."""
    client = docker.from_env()
    try:
        client.images.get(reference)
    except docker.errors.ImageNotFound:
        return False
    finally:
        client.close()
    return True


def ensure(progress: Callable[[str], None] = lambda _: None) -> str:
    """Makes the base image unless it is there; returns its tag.

    Raises:
        ImageError: it can be neither pulled nor made; one line says why.
    """
    reference = tag()
    if exists(reference):
        return reference
    if not exists(DEBIAN) and not _pull(progress):
        _debootstrap(progress)
    progress(f"building {reference}")
    client = docker.from_env()
    try:
        with tempfile.TemporaryDirectory(prefix="mundo-base-") as folder:
            shutil.copy(ROOT / "images/base/Dockerfile", folder)
            (Path(folder) / "host-ca.crt").write_bytes(host_certificates())
            client.images.build(path=folder, tag=reference, rm=True, forcerm=True, pull=False)
    except (docker.errors.BuildError, docker.errors.APIError) as error:
        raise ImageError(f"base image: {' '.join(str(error).split())}") from error
    finally:
        client.close()
    return reference


def _pull(progress: Callable[[str], None]) -> bool:
    """Whether `debian:trixie-slim` came from a registry within the time limit."""
    progress(f"pulling {DEBIAN}")
    client = docker.from_env(timeout=_PULL_SECONDS)
    pool = ThreadPoolExecutor(max_workers=1)
    try:
        pool.submit(lambda: client.images.pull(DEBIAN)).result(timeout=_PULL_SECONDS)
    except (docker.errors.APIError, docker.errors.DockerException, FutureTimeout, OSError):
        return False
    finally:
        pool.shutdown(wait=False)
        client.close()
    return True


def _debootstrap(progress: Callable[[str], None]) -> None:
    """Makes `debian:trixie-slim` from the Debian archive (about a minute)."""
    program = shutil.which("debootstrap")
    if program is None:
        raise ImageError(
            f"{DEBIAN} cannot be pulled and debootstrap is missing: apt-get install debootstrap, then again"
        )
    with tempfile.TemporaryDirectory(prefix="mundo-debootstrap-", dir="/var/tmp") as folder:
        root = Path(folder) / "root"
        found = mirror()
        command = [program, "--variant=minbase", SUITE, str(root), *([found] if found else [])]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
            last = ""
            for line in process.stdout or ():
                last = line.strip() or last
                progress(f"debootstrap: {last.removeprefix('I: ')[:80]}")
        if process.returncode != 0:
            raise ImageError(f"debootstrap {SUITE} failed: {last}")
        for leftover in (*root.glob("var/cache/apt/archives/*.deb"), *root.glob("var/lib/apt/lists/*_*")):
            leftover.unlink()
        progress(f"importing {DEBIAN}")
        _import(root)


def _import(root: Path) -> None:
    client = docker.from_env(timeout=300)
    try:
        client.api.import_image_from_data(_tar(root), *DEBIAN.split(":"))
    finally:
        client.close()


def _tar(root: Path) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.add(root, arcname=".", filter=lambda member: None if member.isdev() else member)
    return buffer.getvalue()


def mirror() -> str | None:
    """The Debian archive that the host uses, so that one setting serves both; None leaves it to debootstrap."""
    for text in _apt_sources():
        found = re.search(r"(?m)^(?:URIs:\s*|deb\s+(?:\[[^]]*\]\s+)?)(https?://\S+/debian)/?(?=\s|$)", text)
        if found:
            return found.group(1)
    return None


def _apt_sources() -> Iterator[str]:
    folder = Path("/etc/apt")
    for path in (folder / "sources.list", *sorted(folder.glob("sources.list.d/*"))):
        if path.is_file():
            yield path.read_text(errors="replace")
