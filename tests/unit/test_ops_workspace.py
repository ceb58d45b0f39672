"""Where state and passphrase are kept, and what `pulumi` finds in its environment."""

from __future__ import annotations

import os
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ops import paths, workspace
from ops.errors import OpsError
from ops.tools.pulumi_cli import PulumiTools

_TOOLS = PulumiTools(Path("/opt/tools/bin"), "3.274.1", "found on PATH")
_OURS = (
    "PULUMI_BACKEND_URL",
    "PULUMI_CONFIG_PASSPHRASE",
    "PULUMI_CONFIG_PASSPHRASE_FILE",
    "XDG_DATA_HOME",
    "XDG_CONFIG_HOME",
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, and none of the variables set."""
    for name in _OURS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("umask", [0o022, 0o000])
def test_state_and_passphrase_are_made_for_the_user_alone(home: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        workspace.ensure_backend()
    finally:
        os.umask(before)
    passphrase = home / ".config/mundo/passphrase"
    assert _mode(passphrase) == 0o600
    assert _mode(home / ".local/share/mundo/state") == 0o700
    assert len(passphrase.read_text().strip()) >= 32
    assert [path.name for path in passphrase.parent.iterdir()] == ["passphrase"]


def test_what_is_there_is_kept(home: Path) -> None:
    workspace.ensure_backend()
    passphrase = home / ".config/mundo/passphrase"
    before = passphrase.read_text()
    workspace.ensure_backend()
    assert passphrase.read_text() == before


def test_passphrases_differ(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = set()
    for name in ("one", "two"):
        monkeypatch.setenv("XDG_CONFIG_HOME", str(home / name))
        workspace.ensure_backend()
        found.add((home / name / "mundo/passphrase").read_text())
    assert len(found) == 2


def test_runs_at_once_agree_on_one_passphrase(home: Path) -> None:
    path = home / ".config/mundo/passphrase"
    with ThreadPoolExecutor(8) as pool:
        for made in [pool.submit(workspace.ensure_backend) for _ in range(8)]:
            made.result()
    before = path.read_text()
    workspace._make_passphrase(path)  # a run that had looked just before
    assert path.read_text() == before
    assert _mode(path) == 0o600
    assert [other.name for other in path.parent.iterdir()] == ["passphrase"]


def test_folder_in_the_passphrases_place_is_one_line(home: Path) -> None:
    path = home / ".config/mundo/passphrase"
    path.mkdir(parents=True)
    with pytest.raises(OpsError, match=rf"^the passphrase is looked for in {path}, which is not a file$"):
        workspace.ensure_backend()


def test_xdg_folders_are_honoured(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "settings"))
    workspace.ensure_backend()
    assert (home / "data/mundo/state").is_dir()
    assert (home / "settings/mundo/passphrase").is_file()
    assert not (home / ".local").exists()
    assert not (home / ".config").exists()
    values = workspace.environment(_TOOLS)
    assert values["PULUMI_BACKEND_URL"] == f"file://{home}/data/mundo/state"
    assert values["PULUMI_CONFIG_PASSPHRASE_FILE"] == str(home / "settings/mundo/passphrase")


def test_team_backend_is_honoured_and_no_folder_made(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://farm-state?region=sa-east-1")
    workspace.ensure_backend()
    assert workspace.environment(_TOOLS)["PULUMI_BACKEND_URL"] == "s3://farm-state?region=sa-east-1"
    assert not (home / ".local").exists()


def test_own_passphrase_file_is_honoured_and_none_made(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = home / "own"
    own.write_text("the team's\n")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", str(own))
    workspace.ensure_backend()
    assert workspace.environment(_TOOLS)["PULUMI_CONFIG_PASSPHRASE_FILE"] == str(own)
    assert own.read_text() == "the team's\n"
    assert not (home / ".config").exists()


@pytest.mark.parametrize("named", ["missing", "."])
def test_passphrase_file_that_is_none_is_one_line(home: Path, monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    path = home / named
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", str(path))
    with pytest.raises(OpsError) as refusal:
        workspace.ensure_backend()
    assert str(refusal.value) == f"PULUMI_CONFIG_PASSPHRASE_FILE names {path}, which is not a file"
    assert not (home / "missing").exists()


def test_passphrase_in_the_environment_is_left_to_pulumi(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "")
    workspace.ensure_backend()
    assert "PULUMI_CONFIG_PASSPHRASE_FILE" not in workspace.environment(_TOOLS)
    assert not (home / ".config").exists()


def test_empty_variables_are_as_good_as_none(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE_FILE", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, "")
    workspace.ensure_backend()
    values = workspace.environment(_TOOLS)
    assert values["PULUMI_BACKEND_URL"] == f"file://{home}/.local/share/mundo/state"
    assert Path(values["PULUMI_CONFIG_PASSPHRASE_FILE"]).is_file()


def test_tools_and_this_python_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin")
    values = workspace.environment(_TOOLS)
    assert values["PATH"] == f"/opt/tools/bin:{sys.prefix}/bin:/usr/bin"
    assert values["PULUMI_PYTHON_CMD"] == f"{sys.prefix}/bin/python"
    assert values["PYTHONPATH"] == str(paths.ROOT)
    assert (paths.ROOT / "Pulumi.yaml").is_file()


def test_settings_file_is_beside_the_program() -> None:
    assert paths.settings_file("dev") == paths.ROOT / "Pulumi.dev.yaml"
    assert paths.settings_file("dev").is_file()
