"""Content tags: what changes them, what does not, and what is said of a recipe that cannot be read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from images import builder, content
from tests.unit.folders import lay

_BASE = "mundo/base:0123456789ab"
_RECIPE = """\
ARG BASE
FROM ${BASE} AS build
# It's a comment, COPY not/there /
COPY images/thing/entrypoint.sh images/thing/more.sh \\
    # why it is here
    /usr/local/bin/
copy --chown=999:999 shared/ /srv/shared/
COPY --from=build /built /built
RUN echo it\\'s fine && : COPY nothing /
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one image, `thing`."""
    monkeypatch.setattr(content, "ROOT", tmp_path)
    files = {
        "images/thing/Dockerfile": _RECIPE,
        "images/thing/entrypoint.sh": "exec thing\n",
        "images/thing/more.sh": "more\n",
        "images/thing/notes.md": "copied by nothing\n",
        "shared/a.py": "a = 1\n",
        "shared/deep/b.py": "b = 2\n",
    }
    return lay(tmp_path, files)


def test_inputs_are_the_recipe_and_what_it_copies(root: Path) -> None:
    assert [str(path) for path in content.inputs("thing")] == [
        "images/thing/Dockerfile",
        "images/thing/entrypoint.sh",
        "images/thing/more.sh",
        "shared/a.py",
        "shared/deep/b.py",
    ]


def test_tag_is_of_the_form_that_docker_takes(root: Path) -> None:
    name, _, digest = content.tag("thing", _BASE).partition(":")
    assert name == "mundo/thing"
    assert len(digest) == 12
    assert int(digest, 16) >= 0


@pytest.mark.parametrize("path", ["images/thing/Dockerfile", "images/thing/more.sh", "shared/a.py", "shared/deep/b.py"])
def test_tag_follows_the_text_and_the_executable_bit_of_every_input(root: Path, path: str) -> None:
    before = content.tag("thing", _BASE)
    file = root / path
    file.chmod(0o755)
    executable = content.tag("thing", _BASE)
    text = file.read_text()
    file.write_text(text + "# more\n")
    changed = content.tag("thing", _BASE)
    assert len({before, executable, changed}) == 3
    file.write_text(text)
    file.chmod(0o644)
    assert content.tag("thing", _BASE) == before


def test_tag_follows_the_names_of_files_and_the_base(root: Path) -> None:
    before = content.tag("thing", _BASE)
    assert content.tag("thing", "mundo/base:ffffffffffff") != before
    (root / "shared/a.py").rename(root / "shared/c.py")
    renamed = content.tag("thing", _BASE)
    (root / "shared/empty.py").touch()
    assert len({before, renamed, content.tag("thing", _BASE)}) == 3


def test_tag_does_not_follow_times_other_modes_caches_or_what_is_not_copied(root: Path) -> None:
    before = content.tag("thing", _BASE)
    file = root / "shared/a.py"
    os.utime(file, (1, 1))
    file.chmod(0o600)
    cache = root / "shared/__pycache__"
    cache.mkdir()
    (cache / "a.cpython-313.pyc").write_bytes(b"compiled")
    (root / "shared/deep/b.pyc").write_bytes(b"compiled")
    (root / "images/thing/notes.md").write_text("changed")
    assert content.tag("thing", _BASE) == before


def test_boundaries_between_parts_count() -> None:
    assert content.digest(b"ab", b"c") != content.digest(b"a", b"bc")
    assert content.digest(b"ab", b"") != content.digest(b"ab")


def test_missing_source_is_one_clear_line(root: Path) -> None:
    (root / "images/thing/more.sh").unlink()
    with pytest.raises(content.ImageError) as refusal:
        content.tag("thing", _BASE)
    assert str(refusal.value) == "images/thing/Dockerfile: COPY images/thing/more.sh: no such file"


def test_missing_image_is_one_clear_line(root: Path) -> None:
    with pytest.raises(content.ImageError) as refusal:
        content.tag("nothing", _BASE)
    assert str(refusal.value) == "no image named 'nothing': images/nothing/Dockerfile does not exist"


def test_names_are_the_folders_with_a_recipe_without_the_base(root: Path) -> None:
    for name in ("base", "another"):
        (root / "images" / name).mkdir()
        (root / "images" / name / "Dockerfile").write_text("FROM scratch\n")
    (root / "images/no_recipe").mkdir()
    assert builder.names() == ["another", "thing"]


def test_every_service_image_of_the_project_has_a_tag_of_its_own() -> None:
    names = builder.names()
    assert names == ["alertmanager", "catalog", "exporters", "haproxy", "postgres", "prometheus", "redis"]
    assert len({content.tag(name, _BASE).partition(":")[2] for name in names}) == len(names)
    # Copied by the engine, a file has to be in its build context too.
    context = [Path(line[1:]) for line in (content.ROOT / ".dockerignore").read_text().splitlines() if line[0] == "!"]
    for name in names:
        for path in content.inputs(name):
            assert any(path == part or part in path.parents for part in context), path
    copied = content.inputs("catalog")
    assert Path("app/__main__.py") in copied
    assert Path("requirements/app.txt") in copied
