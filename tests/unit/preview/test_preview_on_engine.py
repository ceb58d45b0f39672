"""Previews by the real engine: replacements, deletions, protection and secrets, as the model has them."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest

from ops.errors import OpsError
from ops.preview import command, markdown
from ops.preview.model import Op
from tests.unit.engine_things import engine_of_its_own
from tests.unit.preview.small_stack import small_stack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.preview.small_stack import SmallStack

_NAME = f"ops-test-{secrets.token_hex(4)}"
_TOKEN = "a-token-nobody-may-see"
_BEGIN = f"""
group = Group("database")
docker.Volume("data", name="{_NAME}-data", opts=Options(parent=group, protect=True))
docker.Volume("loose", name="{_NAME}-loose", opts=Options(parent=group))
docker.Volume("files", name="{_NAME}-files", opts=Options(parent=group))
Files("handover", Options(parent=group), volume="{_NAME}-files")
Thing("thing", shape="a", size=1, token=pulumi.Output.secret("{_TOKEN}"))
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallStack]:
    with engine_of_its_own(), small_stack(tmp_path_factory.mktemp("small")) as made:
        made.program(_BEGIN)
        made.up()
        yield made


def test_nothing_changes_where_nothing_differs(stack: SmallStack) -> None:
    stack.program(_BEGIN)
    found = stack.preview()
    assert found.changes == ()
    command.refuse(found)
    assert markdown.render(found) == "## Preview of stack `unit`: nothing would change\n"


def test_change_in_place_and_a_new_resource(stack: SmallStack) -> None:
    text = _BEGIN.replace("size=1", "size=2") + 'docker.Volume("more", name="more", opts=Options(parent=group))\n'
    stack.program(text.replace(_TOKEN, f"{_TOKEN}-2"))
    found = stack.preview()
    assert [(one.op, one.component, one.name) for one in found.changes] == [
        (Op.CREATE, "database", "more"),
        (Op.UPDATE, "stack", "thing"),
    ]
    command.refuse(found)
    shown = markdown.render(found)
    assert "1 created, 1 changed" in shown.splitlines()[0]
    assert "  - `size`: `1` → `2`" in shown.splitlines()
    assert _TOKEN not in shown
    assert "**" not in shown.split("###", 1)[0]


def test_protected_replacement_names_the_property_and_is_refused(stack: SmallStack) -> None:
    stack.program(_BEGIN.replace("-data", "-other").replace('shape="a"', 'shape="b"'))
    found = stack.preview()
    (refused,) = found.refused
    assert (refused.name, refused.op, refused.forced_by) == ("data", Op.REPLACE, ("name",))
    assert refused.costs_data
    assert found.errors == ()
    shown = markdown.render(found)
    assert shown.splitlines()[2] == (
        "> **Volume `data` of database would be replaced because of `name`: it holds data and it is protected, so this "
        "is refused**"
    )
    assert "- **replace** Thing `thing`, **forced by `shape`**" in shown
    with pytest.raises(OpsError, match=r"^stack 'unit' protects what would be replaced or deleted: data \(replace\)$"):
        command.refuse(found)


def test_protected_deletion_is_refused(stack: SmallStack) -> None:
    stack.program("\n".join(line for line in _BEGIN.splitlines() if '"data"' not in line))
    found = stack.preview()
    assert [(one.name, one.op, one.holds_data) for one in found.refused] == [("data", Op.DELETE, True)]
    with pytest.raises(OpsError, match=r"data \(delete\)$"):
        command.refuse(found)


def test_data_that_nobody_protects_alarm_without_a_refusal(stack: SmallStack) -> None:
    gone = ('"loose"', '"files"', '"handover"')
    stack.program("\n".join(line for line in _BEGIN.splitlines() if not any(name in line for name in gone)))
    found = stack.preview()
    assert {one.name: one.holds_data for one in found.changes} == {"loose": True, "files": False, "handover": False}
    assert [one.name for one in found.alarming] == ["loose"]
    command.refuse(found)
    assert "\n> **Volume `loose` of database would be deleted: it holds data**\n" in markdown.render(found)


def test_program_that_fails_is_an_error(stack: SmallStack) -> None:
    stack.program(_BEGIN + '\nraise ValueError("no such setting")\n')
    found = stack.preview()
    assert found.errors
    with pytest.raises(OpsError, match="no such setting"):
        command.refuse(found)
