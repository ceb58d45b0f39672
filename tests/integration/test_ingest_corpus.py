"""The corpus of bad files through the whole ingest: each a clear report, and nothing half done."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, LiteralString

import pytest

from app.ingest.errors import IngestError
from app.ingest.pipeline import ingest
from tests.integration.ingest_corpus import CASES, RING, Case, lines
from tests.integration.ingest_parts import counts

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    from app.ingest.report import Progress

_OF_THE_LAST: LiteralString = "WHERE importacao_id = (SELECT max(id) FROM importacoes) ORDER BY feature_index"


class _StoredError(Exception):
    """Ends an ingest at its commit: what follows it is another test's."""


def _stop_when_stored(event: Progress) -> None:
    if event.stage == "analyze":
        raise _StoredError


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_corpus(catalogue: psycopg.Connection[Any], owner: str, tmp_path: Path, case: Case) -> None:
    before = counts(catalogue)
    path = case.write(tmp_path)
    if case.line:
        with pytest.raises(IngestError) as refusal:
            ingest(owner, path, _stop_when_stored)
        text = str(refusal.value)
        assert case.line in text
        assert text.startswith(str(path))
        assert "\n" not in text
        assert counts(catalogue) == before
        return
    with pytest.raises(_StoredError):
        ingest(owner, path, _stop_when_stored)
    after = counts(catalogue)
    found = {table: after[table] - before[table] for table in after}
    assert found == {
        "catalogo": case.stored,
        "catalogo_geometrias_particionada": case.stored,
        "catalogo_origem": case.stored,
        "importacao_rejeitos": len(case.rejects),
        "importacoes": 1,
    }
    rejects = _column(catalogue, f"SELECT motivo FROM importacao_rejeitos {_OF_THE_LAST}")  # noqa: S608
    assert [reason[: len(start)] for reason, start in zip(rejects, case.rejects, strict=True)] == list(case.rejects)
    repairs = _column(catalogue, f"SELECT reparo FROM catalogo_origem {_OF_THE_LAST}")  # noqa: S608
    assert [note[: len(start)] for note, start in zip(filter(None, repairs), case.repairs, strict=True)] == list(
        case.repairs
    )
    assert not list(tmp_path.parent.parent.glob("a.geojson"))


def test_unreadable(catalogue: psycopg.Connection[Any], owner: str, tmp_path: Path) -> None:
    before = counts(catalogue)
    path = tmp_path / "caso.geojson"
    path.write_bytes(lines({"type": "Point", "coordinates": RING[0]}))
    path.chmod(0)
    user = os.geteuid()
    if user == 0:  # root reads everything
        os.seteuid(65534)
    try:
        with pytest.raises(IngestError, match="cannot be read: Permission denied"):
            ingest(owner, path)
    finally:
        os.seteuid(user)
    assert counts(catalogue) == before


def test_the_last_of_two_equal_keys_counts(catalogue: psycopg.Connection[Any], owner: str, tmp_path: Path) -> None:
    (case,) = (case for case in CASES if case.name == "keys twice")
    with pytest.raises(_StoredError):
        ingest(owner, case.write(tmp_path), _stop_when_stored)
    (shape,) = _column(
        catalogue, "SELECT st_asgeojson(geom) FROM catalogo_geometrias_particionada ORDER BY id DESC LIMIT 1"
    )
    assert json.loads(shape)["coordinates"] == [[RING]]


def _column(connection: psycopg.Connection[Any], query: LiteralString) -> list[Any]:
    return [row[0] for row in connection.execute(query).fetchall()]
