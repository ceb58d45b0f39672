"""What a preview or a refresh shows: events as the engine sends them in, a table out."""

from __future__ import annotations

import io
from typing import Any

import pytest
from pulumi.automation import EngineEvent
from rich.console import Console

from ops.differences import Difference, Differences

_SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "[secret]"}
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_CONTAINER = "mundo:cache:Cache$docker:index/container:Container"
_JOB = "mundo:database:Postgres$pulumi-python:dynamic/database:CronJob"


def _state(
    urn: str, inputs: dict[str, Any], outputs: dict[str, Any] | None = None, *, custom: bool = True
) -> dict[str, Any]:
    return {"type": urn.split("::")[2], "urn": urn, "custom": custom, "inputs": inputs, "outputs": outputs or {}}


def _event(
    op: str,
    kind: str,
    name: str,
    *,
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
    found: dict[str, Any] | None = None,
    custom: bool = True,
    **more: Any,
) -> EngineEvent:
    """A planned step; with `found`, what a refresh found: the outputs after it."""
    urn = f"urn:pulumi:local::mundo::{kind}::{name}"
    metadata: dict[str, Any] = {"op": op, "urn": urn, "type": kind, "provider": "", **more}
    if old is not None:
        metadata["old"] = _state(urn, old, old, custom=custom)
    if new is not None:
        metadata["new"] = _state(urn, new, found, custom=custom)
    key = "resourcePreEvent" if found is None else "resOutputsEvent"
    return EngineEvent.from_json({"sequence": 1, "timestamp": 1, key: {"metadata": metadata, "planning": True}})


def _seen(*events: EngineEvent) -> list[Difference]:
    differences = Differences()
    for event in events:
        differences(event)
    return differences.rows


def _shown(*events: EngineEvent) -> str:
    differences, text = Differences(), io.StringIO()
    for event in events:
        differences(event)
    differences.show(Console(file=text, width=160))
    return text.getvalue()


def test_create_is_a_row_without_properties() -> None:
    event = _event("create", _CONTAINER, "redis-1", new={"image": "mundo/redis:1", "memory": 768})
    assert _seen(event) == [Difference("create", "Container", "redis-1", ())]


def test_delete_is_named_from_its_old_state() -> None:
    event = _event("delete", _JOB, "refresh-stats", old={"schedule": "0 * * * *"})
    assert _seen(event) == [Difference("delete", "CronJob", "refresh-stats", ())]


def test_update_shows_both_values_of_what_differs() -> None:
    event = _event(
        "update",
        _JOB,
        "refresh-stats",
        old={"schedule": "0 * * * *", "active": True, "command": "same", "__provider": "pickled-1"},
        new={"schedule": "30 * * * *", "active": False, "command": "same", "__provider": "pickled-2"},
        diffs=["schedule", "active", "__provider"],
    )
    assert _seen(event)[0].properties == ("active: true → false", "schedule: 0 * * * * → 30 * * * *")


def test_property_that_comes_or_goes_is_shown_as_absent() -> None:
    event = _event("update", _JOB, "job", old={"gone": "a"}, new={"come": 2})
    assert _seen(event)[0].properties == ("come: null → 2", "gone: a → null")


def test_long_values_are_cut() -> None:
    event = _event("update", _JOB, "job", old={"command": "a" * 500}, new={"command": "b" * 500})
    assert _seen(event)[0].properties == (f"command: {'a' * 48}… → {'b' * 48}…",)


def test_secrets_and_unknown_values_are_words() -> None:
    event = _event(
        "update",
        _CONTAINER,
        "postgres",
        old={"password": "visible", "image": "sha256:1", "files": {"a": {"text": "open"}}, "ids": ["one"]},
        new={"password": _SECRET, "image": _UNKNOWN, "files": {"a": {"text": _SECRET}}, "ids": [_UNKNOWN]},
    )
    assert _seen(event)[0].properties == (
        'files: {"a": {"text": "open"}} → {"a": {"text": "[secret]"}}',
        'ids: ["one"] → ["(known later)"]',
        "image: sha256:1 → (known later)",
        "password: visible → [secret]",
    )


def test_changed_secret_beside_another_property_is_named() -> None:
    event = _event(
        "update",
        _CONTAINER,
        "postgres",
        old={"password": _SECRET, "kept": _SECRET, "size": 1},
        new={"password": _SECRET, "kept": _SECRET, "size": 2},
        diffs=["password", "size"],
    )
    assert _seen(event)[0].properties == ("size: 1 → 2", "password: [secret]")


def test_changed_secret_alone_is_named_by_the_engine() -> None:
    same = {"files": _SECRET, "volume": "v"}
    event = _event("replace", "docker:x:Files", "handover", old=same, new=same, keys=["files"])
    assert _seen(event) == [Difference("replace", "Files", "handover", ("files",))]


def test_detailed_differences_are_used_where_inputs_are_the_same() -> None:
    detailed = {"labels[0].value": {"diffKind": "update", "inputDiff": False}}
    event = _event("update", _CONTAINER, "redis-1", old={"a": 1}, new={"a": 1}, detailedDiff=detailed)
    assert _seen(event)[0].properties == ("labels[0].value",)


def test_step_without_a_named_property_says_why() -> None:
    event = _event("replace", _CONTAINER, "redis-1", old={"a": 1}, new={"a": 1})
    assert _seen(event)[0].properties == ("(with what it depends on)",)


def test_replacement_is_one_row_however_many_steps_it_has() -> None:
    old, new = {"image": "sha256:1"}, {"image": "sha256:2"}
    steps = ("delete-replaced", "replace", "create-replacement", "discard-replaced", "replace")
    events = [_event(op, _CONTAINER, "redis-1", old=old, new=new, keys=["image"]) for op in steps]
    assert _seen(*events) == [Difference("replace", "Container", "redis-1", ("image: sha256:1 → sha256:2",))]


def test_refresh_shows_what_it_found() -> None:
    before = {"schedule": "0 * * * *"}
    begun = _event("refresh", _JOB, "refresh-stats", old=before, new=before)
    ended = _event("update", _JOB, "refresh-stats", old=before, new={"schedule": "1 1 * * *"}, found={"x": 1})
    assert _seen(begun, ended)[0].properties == ("schedule: 0 * * * * → 1 1 * * *",)


def test_refresh_shows_outputs_where_inputs_are_the_same() -> None:
    before = {"image": "sha256:1", "memory": 768}
    ended = _event("update", _CONTAINER, "redis-1", old=before, new=before, found={**before, "memory": 64})
    assert _seen(ended)[0].properties == ("memory: 768 → 64",)


def test_planned_step_ignores_outputs_that_are_not_known_yet() -> None:
    same = {"image": "sha256:1"}
    event = _event("update", _CONTAINER, "redis-1", old=same, new=same, diffs=["image"])
    assert _seen(event)[0].properties == ("image",)


def test_what_refresh_found_gone_is_a_deletion() -> None:
    ended = _event("delete", _CONTAINER, "redis-1", old={"a": 1}, found={})
    assert _seen(ended) == [Difference("delete", "Container", "redis-1", ())]


@pytest.mark.parametrize("op", ["same", "read", "refresh"])
def test_unchanged_things_are_no_difference(op: str) -> None:
    assert _seen(_event(op, _CONTAINER, "redis-1", old={"a": 1}, new={"a": 2})) == []


def test_groups_and_the_engines_own_things_are_no_difference() -> None:
    group = _event("create", "mundo:cache:Cache", "cache", new={}, custom=False)
    stack = _event("create", "pulumi:pulumi:Stack", "mundo-local", new={})
    provider = _event("create", "pulumi:providers:docker", "default", new={})
    other = EngineEvent.from_json({"diagnosticEvent": {"message": "hm", "severity": "info"}})
    assert _seen(group, stack, provider, other) == []


def test_table_lists_every_difference_and_their_number() -> None:
    text = _shown(
        _event("update", _JOB, "job", old={"roles": "[a]"}, new={"roles": "[/b]"}),
        _event("create", _CONTAINER, "redis-1", new={}),
    )
    lines = text.splitlines()
    assert lines[-1] == "2 differences"
    assert [line.split("│")[1].strip() for line in lines if "│" in line] == ["create", "update"]
    assert "roles: [a] → [/b]" in text


def test_no_difference_is_one_line() -> None:
    assert _shown() == "no differences\n"
