"""Files of features, and what the pipeline makes of them before anything is stored."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import shapely

from app.ingest.prepare import Rows, prepare
from app.ingest.readers import open_source
from app.ingest.report import Reject


@dataclass
class Outcome:
    """All rows that a file gives."""

    format: str
    rows: list[Rows]
    warnings: list[str]

    @property
    def names(self) -> list[str]:
        """catalogo.nome of what is stored."""
        return [name for part in self.rows for name, _, _ in part.catalog]

    @property
    def kinds(self) -> list[str]:
        """catalogo.tipo of what is stored."""
        return [kind for part in self.rows for _, _, kind in part.catalog]

    @property
    def ids(self) -> list[str]:
        """The feature ids of what is stored."""
        return [row[0] for part in self.rows for row in part.origin]

    @property
    def repairs(self) -> list[str | None]:
        """What was repaired, feature by feature."""
        return [row[5] for part in self.rows for row in part.origin]

    @property
    def geometries(self) -> list[Any]:
        """The geometries that would be copied."""
        return [shapely.from_wkb(wkb) for part in self.rows for wkb in part.geometries]

    @property
    def rejects(self) -> list[Reject]:
        """All rejects."""
        return [reject for part in self.rows for reject, _ in part.rejects]

    @property
    def raws(self) -> list[str]:
        """The source text of each reject."""
        return [raw for part in self.rows for _, raw in part.rejects]

    @property
    def reasons(self) -> list[str]:
        """The reason of each reject."""
        return [reject.reason for reject in self.rejects]


def outcome_of(path: Path) -> Outcome:
    with open_source(path) as source:
        return Outcome(source.format, list(prepare(source)), source.warnings)


@pytest.fixture
def load() -> Callable[[Path], Outcome]:
    return outcome_of


@pytest.fixture
def make(tmp_path: Path) -> Callable[[bytes | str, str], Path]:
    def write(content: bytes | str, name: str = "dados.json") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write
