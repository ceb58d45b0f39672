"""Log lines."""

import json
import logging

from app.logs import JsonFormatter, clean


def _record(message: str, **extra: object) -> logging.LogRecord:
    record = logging.LogRecord("app.test", logging.INFO, __file__, 1, message, None, None)
    vars(record).update(extra)
    return record


def test_a_line_is_one_json_object_whatever_is_in_it() -> None:
    line = JsonFormatter().format(_record("a\nb \ud800", path="/x", odd=object()))
    assert "\n" not in line
    found = json.loads(line)
    assert found["message"] == "a\nb \\ud800"
    assert found["path"] == "/x"
    assert found["level"] == "INFO"


def test_clean_keeps_what_can_be_written() -> None:
    assert clean("São João 🌾") == "São João 🌾"
    assert clean("\udcff") == "\\udcff"
