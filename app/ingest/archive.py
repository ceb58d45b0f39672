"""Zip archives: unpacked within bounds, never outside the folder given."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from app.ingest.errors import IngestError
from app.ingest.limits import MAX_ARCHIVE_MEMBERS, MAX_UNPACKED_BYTES, MIB

_DATASETS = frozenset(
    {".shp", ".gpkg", ".kml", ".fgb", ".json", ".geojson", ".geojsonl", ".geojsons", ".ndjson", ".jsonl"}
)


@contextmanager
def unpacked(path: Path) -> Iterator[list[Path]]:
    """Unpack an archive into a folder of its own and give the datasets inside, in order of their names.

    What is refused within the block is said of the member in its archive.

    Raises:
        IngestError: damaged, encrypted, without a dataset, or unpacking to more than MAX_UNPACKED_BYTES, whatever
            its directory claims (a zip bomb).
    """
    with TemporaryDirectory(prefix="mundo-ingest-") as folder:
        try:
            with zipfile.ZipFile(path) as archive:
                _extract(path, archive, Path(folder))
        except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError) as error:
            raise IngestError(f"{path}: damaged zip archive: {str(error).splitlines()[0]}") from None
        except RuntimeError:
            raise IngestError(f"{path}: encrypted zip archive; unpack it first") from None
        everything = sorted(
            item for item in Path(folder).rglob("*") if item.is_file() and item.suffix.lower() in _DATASETS
        )
        # Beside real data sets a bare .json is some tool's description of them.
        found = [item for item in everything if item.suffix.lower() != ".json"] or everything
        if not found:
            raise IngestError(f"{path}: zip archive with no Shapefile, GeoPackage, KML, FlatGeobuf or GeoJSON inside")
        try:
            yield found
        except IngestError as error:
            # People know the archive and its members, not the folder they were unpacked into.
            raise IngestError(str(error).replace(f"{folder}/", f"{path}/")) from None


def _extract(path: Path, archive: zipfile.ZipFile, folder: Path) -> None:
    members = [item for item in archive.infolist() if not item.is_dir() and not _is_litter(item.filename)]
    too_large = IngestError(
        f"{path}: unpacks to more than {MAX_UNPACKED_BYTES // MIB} MiB or {MAX_ARCHIVE_MEMBERS} members; refused"
    )
    if len(members) > MAX_ARCHIVE_MEMBERS or sum(item.file_size for item in members) > MAX_UNPACKED_BYTES:
        raise too_large
    left = MAX_UNPACKED_BYTES
    for item in members:
        name = Path(item.filename.replace("\\", "/"))
        parts = [part for part in name.parts if part not in {"..", "/", "."}]
        target = folder.joinpath(*parts)
        if target.exists():
            raise IngestError(f"{path}: two of its members are called {'/'.join(parts)}")
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(item) as packed, target.open("wb") as out:
            while chunk := packed.read(MIB):
                left -= len(chunk)
                if left < 0:
                    raise too_large
                out.write(chunk)


def _is_litter(name: str) -> bool:
    """Tell what a Mac adds, and hidden files."""
    parts = name.split("/")
    return "__MACOSX" in parts or parts[-1].startswith(".")
