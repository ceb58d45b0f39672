"""A small checkout with one of each kind of artifact, and a matrix whose every link is alive."""

from __future__ import annotations

import copy
import io
from typing import TYPE_CHECKING, Any

import yaml
from rich.console import Console

from ops.traceability.command import run
from ops.traceability.read import NAME

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "Makefile": ".PHONY: up hidden\nup: setup ## bring it up\n\t@true\nhidden:\n\t@true\n",
    "app/__init__.py": "",
    "app/cache.py": (
        'LIMIT: int = 5\n\n\nclass Cache:\n    """Keeps."""\n\n    async def get(self) -> None:\n        """Gets."""\n'
    ),
    "dashboards/generated/overview.json": "{}",
    "sql/migrations/0001_catalogo.sql": (
        "CREATE TABLE catalogo (id bigint);\nCREATE OR REPLACE FUNCTION public.old_name() RETURNS void AS $$\n"
        "    CREATE TABLE made_at_run_time (id bigint);\n$$ LANGUAGE sql;\n"
    ),
    "sql/migrations/0001_catalogo.rollback.sql": "CREATE TABLE only_in_a_rollback (id bigint);\n",
    "sql/migrations/0002_old_name.sql": (
        "DROP FUNCTION IF EXISTS old_name();\n"
        "CREATE MATERIALIZED VIEW IF NOT EXISTS mv_catalogo AS SELECT 1;\nCREATE SCHEMA archive;\n"
    ),
    "sql/tests/01_catalogo.sql": "SELECT 1;\n",
    "tests/test_cache.py": (
        "import pytest\n\n@pytest.mark.parametrize('n', ['a::b', 'c'])\ndef test_get(n): pass\n\n"
        "class TestKept:\n    def test_long(self): pass\n\ndef helper(): pass\n"
    ),
    "docs/runbook.md": (
        "# Runbook\n## Quem é o mestre?\n```sh\n# no heading\n```\n"
        "## `make up`, then [look](other.md)\n## Again\n## Again\n"
    ),
    "README.md": "# Farm\n",
}
ALIVE: dict[str, Any] = {
    "artifacts": {
        "files": ["app/cache.py", "sql/migrations"],
        "code": ["app.cache.Cache.get", "app.cache.LIMIT", "app.cache"],
        "sql": ["catalogo", "mv_catalogo", "archive"],
        "alerts": ["PostgresDown"],
        "metrics": [
            "mundo_http_requests_total",
            "mundo_http_request_duration_seconds_bucket",
            "mundo_import_queue_depth",
            "pg_mundo_partitions_years_ahead",
            "mundo:kpi:latency_p95",
        ],
        "kpis": ["traceability"],
        "dashboards": ["overview"],
        "make": ["up"],
    },
    "tests": [
        "tests/test_cache.py::test_get",
        "tests/test_cache.py::TestKept",
        "tests/test_cache.py::TestKept::test_long",
        "sql/tests/01_catalogo.sql",
    ],
    "evidence": ["docs/runbook.md", "docs/runbook.md#quem-é-o-mestre", "docs/runbook.md#again-1", "README.md#farm"],
}
REQUIREMENT = {"titulo": "Algo que vale", "text": "Something holds that can be found true."}


def document() -> dict[str, Any]:
    """Five optimizations with one requirement each; the first one's has a link of every kind."""
    parts = [
        {
            "id": f"OPT{number}",
            "titulo": f"Parte {number}",
            "title": f"Part {number}",
            "requirements": [{"id": f"OPT{number}-01", **REQUIREMENT, **_few()}],
        }
        for number in range(1, 6)
    ]
    parts[0]["requirements"] = [{"id": "OPT1-01", **REQUIREMENT, **copy.deepcopy(ALIVE)}]
    return {"optimizations": parts}


def _few() -> dict[str, Any]:
    return {
        "artifacts": {"make": ["up"]},
        "tests": ["tests/test_cache.py::test_get"],
        "evidence": ["docs/runbook.md"],
    }


def fill(root: Path) -> None:
    """Make the checkout, without a matrix."""
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def put(root: Path, matrix: Any) -> None:
    """Write the matrix: text as it is, anything else as YAML."""
    text = matrix if isinstance(matrix, str) else yaml.safe_dump(matrix, allow_unicode=True, sort_keys=False)
    (root / NAME).parent.mkdir(parents=True, exist_ok=True)
    (root / NAME).write_text(text, encoding="utf-8")


def checked(root: Path, *, write: bool = False) -> tuple[int, list[str], str]:
    """Exit status, lines of faults, and what is shown."""
    out, err = io.StringIO(), io.StringIO()
    status = run(root, Console(file=out, width=160), Console(file=err, soft_wrap=True), write=write)
    return status, err.getvalue().splitlines(), out.getvalue()
