"""Runs every pgTAP file of sql/tests as the owner; each leaves nothing behind."""

from pathlib import Path

import psycopg
import pytest

FILES = sorted((Path(__file__).resolve().parents[2] / "sql" / "tests").glob("*.sql"))


def test_there_are_files() -> None:
    assert FILES


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_pgtap(path: Path, owner_conninfo: str) -> None:
    lines: list[str] = []
    with psycopg.connect(owner_conninfo, autocommit=True, options="-c search_path=public,tap") as connection:
        cursor = connection.execute(path.read_bytes())
        while True:
            if cursor.description:
                lines += [line for row in cursor for cell in row for line in str(cell).splitlines()]
            if not cursor.nextset():
                break
    plan = [line for line in lines if line.startswith("1..")]
    done = [line for line in lines if line.startswith(("ok ", "not ok "))]
    assert plan == [f"1..{len(done)}"], f"planned {plan}, ran {len(done)}"
    assert not [line for line in lines if not line.startswith(("ok ", "1.."))], "\n".join(lines)
