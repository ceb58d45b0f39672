"""Other people's files that the pages load, from the npm registry, as `app/web/vendor.json` names them.

`python -m ops vendor` lays them anew; with `--release maplibre-gl=6.17.1` it takes another release and writes down what
it got. Nothing of a package is run, and a page never loads anything from elsewhere.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from pydantic import BaseModel

from ops.errors import OpsError
from ops.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

WEB = ROOT / "app" / "web"
MANIFEST = WEB / "vendor.json"
FOLDER = WEB / "static" / "vendor"
_PATIENCE_S = 300


class Package(BaseModel):
    """One package: its release, the digest of what npm gives, and the files that are taken from it with theirs."""

    name: str
    version: str
    licence: str
    integrity: str
    files: dict[str, str]

    @property
    def folder(self) -> str:
        """Where its files lie; a release has a folder of its own, so browsers may keep them for ever."""
        return f"{self.name}-{self.version}"

    def where(self, file: str, folder: Path = FOLDER) -> Path:
        """The path of one of its files."""
        return folder / self.folder / PurePosixPath(file).name


class Manifest(BaseModel):
    """What `vendor.json` holds."""

    packages: list[Package]


def manifest(path: Path = MANIFEST) -> Manifest:
    """Read what is wanted."""
    return Manifest.model_validate_json(path.read_text())


def integrity(content: bytes) -> str:
    """The digest of a content as npm and browsers write it."""
    return f"sha512-{base64.b64encode(hashlib.sha512(content).digest()).decode()}"


def renew(releases: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Lay all files anew; `releases` names other versions of packages, which take the place of the former.

    Raises:
        OpsError: npm is missing or refused, or what it gave is not what was written down.
    """
    wanted = manifest()
    unknown = sorted(set(releases) - {package.name for package in wanted.packages})
    if unknown:
        raise OpsError(f"no package of {MANIFEST.name}: {', '.join(unknown)}")
    for package in wanted.packages:
        version = releases.get(package.name, package.version)
        with tempfile.TemporaryDirectory() as folder:
            packed = _packed(package.name, version, Path(folder))
            if version == package.version and package.integrity and integrity(packed) != package.integrity:
                raise OpsError(f"{package.name} {version} is not what {MANIFEST.name} says: nothing was changed")
            _lay(package, version, packed, Path(folder))
        say(f"{package.name} {version}: {len(package.files)} files")
    MANIFEST.write_text(json.dumps(wanted.model_dump(), indent=2, ensure_ascii=False) + "\n")


def _packed(name: str, version: str, folder: Path) -> bytes:
    command = ["npm", "pack", "--ignore-scripts", "--pack-destination", str(folder), f"{name}@{version}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_PATIENCE_S)
    except FileNotFoundError:
        raise OpsError("npm is missing: it brings the packages (Debian: apt-get install npm)") from None
    if done.returncode:
        raise OpsError(f"npm has no {name} {version}: {done.stderr.strip().splitlines()[-1:]}")
    (found,) = folder.glob("*.tgz")
    return found.read_bytes()


def _lay(package: Package, version: str, packed: bytes, scratch: Path) -> None:
    """Take the files out, then change the folder and the package's record."""
    archive = scratch / "package.tgz"
    archive.write_bytes(packed)
    contents: dict[str, bytes] = {}
    with tarfile.open(archive) as opened:
        for file in package.files:
            member = opened.extractfile(f"package/{file}")
            if member is None:
                raise OpsError(f"{package.name} {version} has no file {file}")
            contents[file] = member.read()
    shutil.rmtree(FOLDER / package.folder, ignore_errors=True)
    _point_at(package, version)
    package.version, package.integrity = version, integrity(packed)
    for file, content in contents.items():
        path = package.where(file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        package.files[file] = integrity(content)


def _point_at(package: Package, version: str) -> None:
    """Let the pages load the new folder."""
    before, after = f"/vendor/{package.folder}/", f"/vendor/{package.name}-{version}/"
    for page in (*WEB.glob("*.html"), *(WEB / "static").glob("*/*.js")):
        text = page.read_text()
        if before in text and before != after:
            page.write_text(text.replace(before, after))
