"""What a file is known by: the SHA-256 of its content, all parts of a Shapefile together."""

import hashlib
from pathlib import Path

from app.ingest.limits import MIB
from app.ingest.report import OnProgress, Progress

_SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def parts(path: Path) -> list[Path]:
    """List the files that make up a dataset, the given one first."""
    if path.suffix.lower() == ".shp":
        siblings = {item.suffix.lower(): item for item in path.parent.iterdir() if item.stem == path.stem}
        return [path, *(siblings[suffix] for suffix in _SHAPEFILE_PARTS[1:] if suffix in siblings)]
    if path.suffix.lower() == ".gpkg":
        # An open GeoPackage keeps its last changes beside it.
        return [path, *(item for item in [path.with_name(path.name + "-wal")] if item.is_file())]
    return [path]


def fingerprint(path: Path) -> tuple[tuple[int, int], ...]:
    """Give sizes and times of change of a dataset's files: equal before and after means nobody wrote to it."""
    return tuple((item.stat().st_size, item.stat().st_mtime_ns) for item in parts(path))


def sha256(path: Path, on_progress: OnProgress) -> str:
    """Give the content's digest in hexadecimal; of several parts, the digest of their digests."""
    files = parts(path)
    total = sum(item.stat().st_size for item in files)
    done = 0
    digests = []
    for item in files:
        digest = hashlib.sha256()
        with item.open("rb") as file:
            while chunk := file.read(4 * MIB):
                digest.update(chunk)
                done += len(chunk)
                on_progress(Progress("digest", done, total))
        digests.append(digest)
    if len(digests) == 1:
        return digests[0].hexdigest()
    return hashlib.sha256(b"".join(digest.digest() for digest in digests)).hexdigest()
