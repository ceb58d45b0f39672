"""GitHub's workflows: what their schema does not say, and that the commands they call are there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer.core
import typer.main
import yaml

from ops.cli import app
from ops.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.y*ml"))
_PINNED = re.compile(r"uses: +(?:\./\S+|[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$")
_COMMAND = re.compile(r"\.venv/bin/python -m ops (?P<arguments>[^>|;&]*)")
_VARIABLE = re.compile(r"\$\{?(\w+)\}?")
# Set by GitHub for every step.
_GIVEN = {"GITHUB_REF_NAME"}


def content(file: Path) -> dict[str, Any]:
    """What a workflow says; YAML reads its `on` as a boolean."""
    read: dict[Any, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {("on" if key is True else key): value for key, value in read.items()}


def jobs(file: Path) -> dict[str, dict[str, Any]]:
    """The workflow's jobs."""
    return dict(content(file)["jobs"])


def steps() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Every step that runs a command: where it stands, its job, itself."""
    for file in FILES:
        for name, job in jobs(file).items():
            for step in job.get("steps", []):
                if "run" in step:
                    yield f"{file.name}: {name}: {step['run']}", job, step


def test_the_four_workflows_are_there() -> None:
    assert [file.stem for file in FILES] == ["drift", "preview", "release", "tests"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_may_do_as_little_as_possible_and_ends(file: Path) -> None:
    said = content(file)
    assert "pull_request_target" not in said["on"]
    granted = {**said["permissions"]}
    for name, job in said["jobs"].items():
        granted |= job.get("permissions", {})
        assert "uses" in job or job["timeout-minutes"] <= 120, name
        for step in job.get("steps", []):
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False, name
    needed = {"preview": "pull-requests", "drift": "issues", "release": "contents"}
    writes = {what for what, how in granted.items() if how == "write"}
    assert writes == ({needed[file.stem]} if file.stem in needed else set())
    assert said["concurrency"]["group"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_actions_are_pinned_to_a_commit_beside_their_version(file: Path) -> None:
    used = [line.strip().removeprefix("- ") for line in file.read_text().splitlines() if "uses:" in line]
    assert used
    for line in used:
        assert _PINNED.fullmatch(line), line


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_secrets_stay_from_forks(file: Path) -> None:
    said = content(file)
    for name, job in said["jobs"].items():
        if "secrets." in yaml.safe_dump(job) and "pull_request" in said["on"]:
            assert "head.repo.full_name == github.repository" in job["if"], name


@pytest.mark.parametrize(("where", "job", "step"), list(steps()), ids=lambda value: value if type(value) is str else "")
def test_a_step_is_one_command_whose_values_come_from_its_environment(
    where: str, job: dict[str, Any], step: dict[str, Any]
) -> None:
    assert "\n" not in step["run"], where
    assert "${{" not in step["run"], where  # a title of a pull request would be run as a command
    known = {*job.get("env", {}), *step.get("env", {}), *_GIVEN}
    assert set(_VARIABLE.findall(step["run"])) <= known


def test_the_commands_that_are_called_take_these_options() -> None:
    called = [found["arguments"] for where, _, _ in steps() if (found := _COMMAND.search(where))]
    assert len(called) == 5
    for arguments in called:
        command = typer.main.get_command(app)
        words = shlex.split(arguments)
        while isinstance(command, typer.core.TyperGroup):
            assert words[0] in command.commands, arguments
            command = command.commands[words.pop(0)]
        options = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options, arguments


def test_what_is_called_beside_them_is_there() -> None:
    others = {step["run"].split()[0] for _, _, step in steps()} - {".venv/bin/python"}
    assert others == {"make", ".ci/run", "gh"}
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


@pytest.mark.parametrize(
    ("old", "new"),
    [("runs-on: ubuntu-24.04", "runs-off: ubuntu-24.04"), ("on:\n", "when:\n"), ("contents: read", "contents: some")],
)
def test_the_schema_refuses_what_is_no_workflow(tmp_path: Path, old: str, new: str) -> None:
    text = (FOLDER / "tests.yml").read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "tests.yml"
    program = Path(sys.executable).with_name("check-jsonschema")
    for content_, status in ((text, 0), (text.replace(old, new), 1)):
        file.write_text(content_, encoding="utf-8")
        command = [str(program), "--builtin-schema", "vendor.github-workflows", str(file)]
        assert subprocess.run(command, capture_output=True, check=False).returncode == status
