"""What is shown while the engine works: lines, signs of life, and what is kept for the end."""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING, Any

import pytest
from pulumi.automation import EngineEvent
from rich.console import Console

from components.database.resources import SAID
from ops import progress as subject
from ops.progress import EngineProgress

if TYPE_CHECKING:
    from collections.abc import Callable

_KIND = "docker:index/container:Container"


def _urn(name: str, kind: str = _KIND) -> str:
    return f"urn:pulumi:local::mundo::{kind}::{name}"


def _event(field: str, op: str, name: str, kind: str = _KIND, *, custom: bool = True) -> EngineEvent:
    urn = _urn(name, kind)
    state = {"type": kind, "urn": urn, "custom": custom}
    metadata = {"op": op, "urn": urn, "type": kind, "provider": "", "new": state}
    return EngineEvent.from_json({field: {"metadata": metadata, "status": 1, "steps": 1}})


def _begins(op: str, name: str, kind: str = _KIND, *, custom: bool = True) -> EngineEvent:
    return _event("resourcePreEvent", op, name, kind, custom=custom)


def _ends(op: str, name: str, kind: str = _KIND, *, custom: bool = True) -> EngineEvent:
    return _event("resOutputsEvent", op, name, kind, custom=custom)


def _fails(op: str, name: str) -> EngineEvent:
    return _event("resOpFailedEvent", op, name)


def _says(severity: str, message: str) -> EngineEvent:
    return EngineEvent.from_json({"diagnosticEvent": {"severity": severity, "message": message, "color": "never"}})


def _plain_console() -> tuple[Console, io.StringIO]:
    text = io.StringIO()
    return Console(file=text, width=160, force_terminal=False), text


def _until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def test_finished_step_is_a_line_and_kept() -> None:
    console, text = _plain_console()
    with EngineProgress(console) as progress:
        progress(_begins("create", "redis-1"))
        assert text.getvalue() == ""
        progress(_ends("create", "redis-1"))
    assert text.getvalue().split()[:3] == ["created", "Container", "redis-1"]
    (step,) = progress.steps
    assert (step.verb, step.kind, step.name) == ("created", "Container", "redis-1")
    assert 0 <= step.seconds < 20


@pytest.mark.parametrize("op", ["same", "read", "refresh", "discard"])
def test_what_changes_nothing_is_no_line(op: str) -> None:
    console, text = _plain_console()
    with EngineProgress(console) as progress:
        progress(_begins(op, "redis-1"))
        progress(_ends(op, "redis-1"))
    assert (progress.steps, text.getvalue()) == ([], "")


def test_groups_and_the_engines_own_things_are_no_line() -> None:
    console, text = _plain_console()
    with EngineProgress(console) as progress:
        progress(_begins("create", "cache", "mundo:cache:Cache", custom=False))
        progress(_ends("create", "cache", "mundo:cache:Cache", custom=False))
        progress(_begins("create", "default", "pulumi:providers:docker"))
        progress(_ends("create", "default", "pulumi:providers:docker"))
    assert (progress.steps, text.getvalue()) == ([], "")


def test_what_the_database_says_is_shown_and_what_others_say_is_not() -> None:
    console, text = _plain_console()
    with EngineProgress(console) as progress:
        progress(_says("info", f"{SAID}backup under way for 5 s\n"))
        progress(_says("info", "something of the engine's own\n"))
        progress(_says("debug", "even less"))
    assert text.getvalue() == "  backup under way for 5 s\n"


def test_long_operation_gives_a_sign_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "_HEARTBEAT_SECONDS", 0.1)
    console, text = _plain_console()
    with EngineProgress(console) as progress:
        progress(_begins("create", "postgres"))
        progress(_begins("create", "redis-1"))
        _until(lambda: "… still at postgres (0 s), redis-1 (0 s)" in text.getvalue())
        progress(_ends("create", "redis-1"))
        mark = len(text.getvalue())
        _until(lambda: "… still at postgres (" in text.getvalue()[mark:])
        assert "redis-1" not in text.getvalue()[mark:].split("still at", 1)[1]


def test_sign_of_life_ends_with_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "_HEARTBEAT_SECONDS", 0.05)
    console, text = _plain_console()
    with EngineProgress(console) as progress:
        progress(_begins("create", "postgres"))
        _until(lambda: "still at" in text.getvalue())
    time.sleep(0.1)  # one that was being printed
    mark = len(text.getvalue())
    time.sleep(0.3)
    assert len(text.getvalue()) == mark


def test_failed_step_is_no_longer_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "_HEARTBEAT_SECONDS", 0.1)
    console, text = _plain_console()
    with EngineProgress(console) as progress:
        progress(_begins("create", "redis-1"))
        progress(_begins("create", "postgres"))
        progress(_fails("create", "redis-1"))
        _until(lambda: "still at" in text.getvalue())
    assert "still at postgres" in text.getvalue()
    assert "redis-1" not in text.getvalue()
    assert progress.steps == []


def test_terminal_shows_what_is_under_way_and_clears_it() -> None:
    text = io.StringIO()
    console = Console(file=text, width=100, force_terminal=True)
    with EngineProgress(console) as progress:
        progress(_begins("create", "redis-1"))
        _until(lambda: "creating Container redis-1" in text.getvalue())
        progress(_ends("create", "redis-1"))
        progress(_begins("update", "postgres"))
        _until(lambda: "updating Container postgres" in text.getvalue())
        assert "redis-1" not in text.getvalue().rsplit("updating", 1)[1]
    assert text.getvalue().endswith("\x1b[2K")  # the last line is wiped
    assert "created" in text.getvalue()
    assert "still at" not in text.getvalue()


def test_errors_and_warnings_are_kept_apart() -> None:
    console, text = _plain_console()
    with EngineProgress(console) as progress:
        for severity in ("error", "warning", "info", "info#err"):
            progress(_says(severity, f"a {severity}"))
    assert (progress.errors, progress.warnings) == (["a error"], ["a warning"])
    assert text.getvalue() == ""


def test_counts_are_the_engines() -> None:
    progress = EngineProgress(_plain_console()[0])
    changes = {"create": 3, "same": 60}
    progress(EngineEvent.from_json({"summaryEvent": {"resourceChanges": changes, "durationSeconds": 1}}))
    assert progress.changes == changes
