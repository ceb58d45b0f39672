"""Runs every pgTAP file of sql/tests as the owner; each leaves nothing behind."""

import re
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


def test_every_function_has_a_test(owner_conninfo: str) -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in FILES)
    with psycopg.connect(owner_conninfo) as connection:
        functions = connection.execute(
            "SELECT DISTINCT proname FROM pg_proc"
            " WHERE pronamespace = 'public'::regnamespace AND proowner = 'mundo_owner'::regrole ORDER BY 1"
        ).fetchall()
    assert len(functions) > 20
    assert not [name for (name,) in functions if not re.search(rf"\b(v_)?{name}\b", text)]
