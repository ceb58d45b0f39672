"""Where in a file of SQL a statement failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from pathlib import Path


def failed_at(path: Path, error: psycopg.Error) -> str:
    """File, line (of the failed statement's position or of its start) and the server's message, in one line."""
    while isinstance(error.__context__, psycopg.Error):  # a lost connection fails once more at the ROLLBACK
        error = error.__context__
    message = error.diag.message_primary or str(error).strip().splitlines()[0]
    details = [text for text in (error.diag.message_detail, error.diag.message_hint) if text]
    line = _line(path, error)
    place = f"{path.name}:{line}" if line else path.name
    return " ".join(f"{place}: {'; '.join([message, *details])}".split())


def _line(path: Path, error: psycopg.Error) -> int | None:
    statement: str = next(iter(getattr(error, "__notes__", [])), "")
    text = path.read_text(encoding="utf-8")
    start = text.find(statement)
    if not statement or start < 0:
        return None
    if error.diag.statement_position:
        start += int(error.diag.statement_position) - 1
    else:
        start += len(statement) - len(statement.lstrip())
    return text.count("\n", 0, start) + 1
