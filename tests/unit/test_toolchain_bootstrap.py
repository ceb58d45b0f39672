"""The script that makes the Python environment, where it has nothing to do and where it cannot."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ops.paths import ROOT

COREUTILS = "sh dirname sha256sum cut cat mkdir flock sed awk id rm grep head tail tr mv".split()  # noqa: SIM905 - a list of words


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with nothing but the script and the lock, and a PATH with a shell's tools alone."""
    for folder in ("toolchain", "requirements", "path"):
        (tmp_path / folder).mkdir()
    shutil.copy(ROOT / "toolchain" / "bootstrap.sh", tmp_path / "toolchain")
    shutil.copy(ROOT / "requirements" / "dev.txt", tmp_path / "requirements")
    for name in COREUTILS:
        program = shutil.which(name)
        if program is not None:
            (tmp_path / "path" / name).symlink_to(program)
    return tmp_path


def _bootstrap(checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", str(checkout / "toolchain" / "bootstrap.sh")],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        timeout=120,
        env={"PATH": str(checkout / "path"), "HOME": str(checkout / "home"), **environment},
    )


def test_up_to_date_is_quiet_and_quick(checkout: Path) -> None:
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").symlink_to(sys.executable)
    lock = (checkout / "requirements" / "dev.txt").read_bytes()
    (checkout / ".venv" / ".mundo-lock").write_text(hashlib.sha256(lock).hexdigest() + "\n")
    times = []
    for _ in range(5):
        began = time.monotonic()
        done = _bootstrap(checkout)
        times.append(time.monotonic() - began)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert min(times) < 0.2
    assert not (checkout / "home").exists()


def test_old_python_is_one_line(checkout: Path) -> None:
    old = checkout / "path" / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2 && exit\nexit 1\n')
    old.chmod(0o755)
    done = _bootstrap(checkout)
    assert done.returncode == 1
    assert done.stderr == (
        "Python 3.11 or newer is needed, and Python 3.9.2 is here: "
        "on Debian 12 or 13, apt-get install python3 python3-venv\n"
    )


def test_no_python_is_one_line(checkout: Path) -> None:
    done = _bootstrap(checkout)
    assert done.returncode == 1
    assert done.stderr.startswith("Python 3.11 or newer is needed, and no python3 is here")


def test_pypi_out_of_reach_is_said_and_leaves_nothing(checkout: Path) -> None:
    (checkout / "path" / "python3").symlink_to(sys.executable)
    done = _bootstrap(checkout, PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_RETRIES="0", PYTHON=sys.executable)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("uv could not be installed from PyPI (")
    assert done.stderr.splitlines()[-1].endswith("is PyPI within reach?")
    left = [
        entry.name for entry in (checkout / "home" / ".cache" / "mundo").iterdir() if not entry.name.endswith(".lock")
    ]
    assert left == []
    assert not (checkout / ".venv").exists()


def test_packages_out_of_reach_leave_no_finished_environment(checkout: Path) -> None:
    uv = Path(sys.executable).parent / "uv"
    (checkout / "path" / "uv").symlink_to(uv)
    done = _bootstrap(
        checkout,
        PYTHON=sys.executable,
        UV_DEFAULT_INDEX="http://127.0.0.1:9/simple",
        UV_NO_CACHE="1",
        UV_HTTP_RETRIES="0",
    )
    assert done.returncode == 1
    assert "could not be installed" in done.stderr.splitlines()[-1]
    assert len(done.stderr.splitlines()) == 2
    assert not (checkout / ".venv" / ".mundo-lock").exists()


def test_missing_lock_is_said(checkout: Path) -> None:
    (checkout / "requirements" / "dev.txt").unlink()
    done = _bootstrap(checkout)
    assert done.returncode == 1
    assert done.stderr == f"{checkout}/requirements/dev.txt is missing: nothing says which packages to install\n"


def test_missing_venv_module_is_one_line(checkout: Path) -> None:
    (checkout / "path" / "id").unlink()  # root would install it
    someone = checkout / "path" / "id"
    someone.write_text("#!/bin/sh\necho 1000\n")
    someone.chmod(0o755)
    bare = checkout / "path" / "python3"
    bare.write_text(f'#!/bin/sh\ncase "$2" in *ensurepip*) exit 1 ;; esac\nexec {sys.executable} "$@"\n')
    bare.chmod(0o755)
    done = _bootstrap(checkout)
    assert done.returncode == 1
    assert "Python's venv module is missing" in done.stderr
