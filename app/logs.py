"""Structured logs: one JSON object a line on standard output."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime

import orjson

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


class JsonFormatter(logging.Formatter):
    """Formats a record and its `extra` values as one JSON line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; values that JSON does not know are written as text."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": clean(record.getMessage()),
        }
        line.update({key: value for key, value in vars(record).items() if key not in _STANDARD})
        if record.exc_info:
            line["exception"] = clean(self.formatException(record.exc_info))
        return orjson.dumps(line, default=repr).decode()


def clean(text: str) -> str:
    """Return the text without lone surrogates, which neither JSON nor UTF-8 can hold."""
    return text.encode("utf-8", "backslashreplace").decode()


def configure(level: str) -> None:
    """Send every logger of the process through the JSON formatter."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    # The pool repeats each failed connection attempt; the service says itself when Postgres is away.
    logging.getLogger("psycopg.pool").setLevel("ERROR")
