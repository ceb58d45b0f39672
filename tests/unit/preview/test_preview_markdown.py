"""The Markdown of a preview: order, limits, and values that cannot leave their place."""

from __future__ import annotations

from pathlib import Path

import pytest
from pulumi.automation import EngineEvent
from typer.testing import CliRunner

from ops.cli import app
from ops.preview import command, markdown
from ops.preview.model import Change, Op, Preview, ordered
from ops.preview.properties import SECRET, Property
from ops.preview.read import Reader
from tests.unit.stacks import SECRETS, context


def _many(number: int) -> Preview:
    one = Property("image", "sha256:1", "sha256:2")
    changes = [
        Change(op=Op.UPDATE, kind="Container", name=f"n{place}", component=component, properties=(one,))
        for component in ("cache", "monitoring")
        for place in range(number)
    ]
    data = Change(op=Op.DELETE, kind="Volume", name="postgres-data", component="database", holds_data=True)
    return Preview("prod", ordered([*changes, data]))


def test_what_removes_comes_first_within_its_component() -> None:
    names = [
        change.op
        for change in ordered([Change(op=op, kind="Thing", name=op.value, component="a") for op in reversed(Op)])
    ]
    assert names == [Op.DELETE, Op.REPLACE, Op.UPDATE, Op.CREATE]


@pytest.mark.parametrize("limit", [1_000, 2_000, 60_000])
def test_it_is_never_longer_than_its_limit_and_says_what_was_cut(limit: int) -> None:
    link = "https://example.org/run/1"
    text = markdown.render(_many(2_000), limit=limit, link=link)
    assert len(text.encode()) <= limit
    assert "**Volume `postgres-data` of database would be deleted: it holds data**" in text.split("###", maxsplit=1)[0]
    shown = sum(line.startswith("- **") for line in text.splitlines())
    last = text.rstrip().splitlines()[-1]
    assert last.startswith(f"**Cut here**: {4_001 - shown} more do not fit (")
    assert last.endswith(f"; [the whole of it]({link})")


def test_what_fits_is_not_cut() -> None:
    text = markdown.render(_many(3), link="https://example.org")
    assert "Cut here" not in text
    assert text.count("- **change**") == 6
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "## Preview of stack `prod`: 6 changed, 1 deleted",
        "### cache",
        "### database",
        "### monitoring",
    ]


def test_replacement_without_a_property_says_why() -> None:
    change = Change(op=Op.REPLACE, kind="Container", name="redis-1", component="cache")
    assert "**with what it depends on**" in markdown.render(Preview("dev", (change,)))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "`plain`"),
        ("", '`""`'),
        ("two\nlines", "`two lines`"),
        ("a ` b", "`` a ` b ``"),
        ("``` @someone <img>", "```` ``` @someone <img> ````"),
        ("x" * 500, f"`{'x' * 160}…`"),
    ],
)
def test_values_stay_code_whatever_they_hold(text: str, shown: str) -> None:
    assert markdown.code(text) == shown


def test_secret_that_the_engine_does_not_mark_is_masked_before_anything_is_cut() -> None:
    secrets = command._values(context().secrets)
    assert set(secrets) == set(SECRETS.values())
    leaked = "x" * 155 + SECRETS["redisPassword"]
    urn = "urn:pulumi:dev::mundo::mundo:cache:Cache$docker:index/container:Container::redis-1"
    state = {"type": "t", "urn": urn, "custom": True, "outputs": {}}
    metadata = {
        "op": "update",
        "urn": urn,
        "type": "t",
        "provider": "",
        "old": {**state, "inputs": {"command": leaked, "envs": ["a"]}},
        "new": {**state, "inputs": {"command": "y", "envs": [f"P={SECRETS['importToken']}"]}},
    }
    reader = Reader("dev", secrets)
    for event in (
        {"resourcePreEvent": {"metadata": metadata, "planning": True}},
        {"diagnosticEvent": {"severity": "error", "color": "never", "message": f"refused: {SECRETS['importToken']}"}},
    ):
        reader(EngineEvent.from_json({"sequence": 1, "timestamp": 1, **event}))
    found = reader.preview()
    assert found.errors == (f"refused: {SECRET}",)
    assert [one.name for one in found.changes[0].properties] == ["command", "envs"]
    text = markdown.render(found)
    assert not [secret for secret in secrets if secret[:6] in text]
    assert f'`["P={SECRET}"]`' in text


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--format", "html"), "FORMAT=html: allowed are table, markdown"),
        (("--output", "x.md"), "OUTPUT=x.md: a table goes to the terminal; FORMAT=markdown goes to a file"),
    ],
)
def test_wrong_format_is_one_line_before_anything_is_begun(words: tuple[str, ...], line: str) -> None:
    answer = CliRunner().invoke(app, ["preview", "--stack", "nobody-made-this", *words])
    assert answer.exit_code == 1
    assert answer.stderr == f"error: {line}\n"
    assert not Path("Pulumi.nobody-made-this.yaml").exists()


def test_file_that_was_cut_leaves_the_whole_in_the_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "preview.md"
    command.deliver(_many(20), file, limit=1_500, link="https://example.org")
    assert "Cut here" in file.read_text(encoding="utf-8")
    assert capsys.readouterr().out == markdown.render(_many(20))
    command.deliver(_many(20), file, limit=markdown.LIMIT, link="")
    assert file.read_text(encoding="utf-8") == markdown.render(_many(20))
    assert capsys.readouterr().out == ""
    command.deliver(_many(20), None, limit=markdown.LIMIT, link="")
    assert capsys.readouterr().out == markdown.render(_many(20))
