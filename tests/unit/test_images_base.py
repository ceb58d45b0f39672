"""The base image: where Debian comes from, what its tag depends on, and when it is made."""

from __future__ import annotations

import io
import ssl
import tarfile
from types import SimpleNamespace
from typing import TYPE_CHECKING

import docker
import docker.errors
import pytest

from images.base import build
from images.content import ROOT, ImageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DEBOOTSTRAPS_OWN = None


def _sources(monkeypatch: pytest.MonkeyPatch, *texts: str) -> None:
    def found() -> Iterator[str]:
        yield from texts

    monkeypatch.setattr(build, "_apt_sources", found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("deb http://mirror.example/debian trixie main\n", "http://mirror.example/debian"),
        ("deb https://mirror.example/debian/ trixie main\n", "https://mirror.example/debian"),
        ("deb [signed-by=/k.gpg arch=amd64] http://m.example/debian trixie main\n", "http://m.example/debian"),
        (
            "# deb http://off.example/debian trixie main\ndeb\thttp://on.example/debian x main\n",
            "http://on.example/debian",
        ),
        (
            "Types: deb\nURIs: https://mirror.example/debian\nSuites: trixie trixie-updates\nComponents: main\n",
            "https://mirror.example/debian",
        ),
        ("Types: deb\nURIs:   http://mirror.example/debian/\nSuites: trixie\n", "http://mirror.example/debian"),
        (
            "Types: deb\nURIs: http://s.example/debian-security\n\nTypes: deb\nURIs: http://m.example/debian\n",
            "http://m.example/debian",
        ),
        ("deb-src http://mirror.example/debian trixie main\n", _DEBOOTSTRAPS_OWN),
        ("deb http://mirror.example/ubuntu noble main\n", _DEBOOTSTRAPS_OWN),
        ("deb http://s.example/debian-security trixie-security main\n", _DEBOOTSTRAPS_OWN),
        ("deb file:/srv/debian trixie main\n", _DEBOOTSTRAPS_OWN),
        ("", _DEBOOTSTRAPS_OWN),
    ],
)
def test_mirror_is_the_hosts_own(monkeypatch: pytest.MonkeyPatch, text: str, expected: str | None) -> None:
    _sources(monkeypatch, text)
    assert build.mirror() == expected


def test_first_source_that_is_debian_is_the_mirror(monkeypatch: pytest.MonkeyPatch) -> None:
    _sources(
        monkeypatch,
        "",
        "deb http://x.example/other y main\n",
        "URIs: http://one.example/debian\n",
        "URIs: http://two.example/debian\n",
    )
    assert build.mirror() == "http://one.example/debian"


def _trust(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: SimpleNamespace(cafile=str(path)))


def test_tag_follows_the_certificates_of_the_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = tmp_path / "ca.crt"
    _trust(monkeypatch, bundle)
    tags = [build.tag()]
    for text in ("one", "two"):
        bundle.write_text(text)
        assert build.host_certificates() == text.encode()
        tags.append(build.tag())
    assert len(set(tags)) == 3
    assert all(tag.startswith("mundo/base:") for tag in tags)
    bundle.write_text("one")
    assert build.tag() == tags[1]


def test_tag_follows_the_recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = build.tag()
    recipe = tmp_path / "images/base/Dockerfile"
    recipe.parent.mkdir(parents=True)
    recipe.write_bytes((ROOT / "images/base/Dockerfile").read_bytes())
    monkeypatch.setattr(build, "ROOT", tmp_path)
    assert build.tag() == before
    recipe.write_text(recipe.read_text() + "RUN true\n")
    assert build.tag() != before


def test_image_that_is_there_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    said: list[str] = []

    def exists(reference: str) -> bool:
        asked.append(reference)
        return True

    monkeypatch.setattr(build, "exists", exists)
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")  # whoever builds or pulls fails
    assert build.ensure(said.append) == build.tag()
    assert (asked, said) == ([build.tag()], [])


def test_neither_registry_nor_debootstrap_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(build, "exists", lambda _: False)
    monkeypatch.setattr(build, "_pull", lambda _: False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ImageError) as refusal:
        build.ensure()
    assert str(refusal.value) == (
        "debian:trixie-slim cannot be pulled and debootstrap is missing: apt-get install debootstrap, then again"
    )


def test_failing_debootstrap_says_its_last_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "debootstrap"
    program.write_text('#!/bin/sh\necho "I: Retrieving InRelease"\necho "E: Failed getting release file" >&2\nexit 1\n')
    program.chmod(0o755)
    monkeypatch.setattr(build, "exists", lambda _: False)
    monkeypatch.setattr(build, "_pull", lambda _: False)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr("shutil.which", lambda _: str(program))
    said: list[str] = []
    with pytest.raises(ImageError, match=r"^debootstrap trixie failed: E: Failed getting release file$"):
        build.ensure(said.append)
    assert said == ["debootstrap: Retrieving InRelease", "debootstrap: E: Failed getting release file"]


def test_image_is_made_of_debian_and_the_certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = tmp_path / "ca.crt"
    bundle.write_text(f"certificates of {tmp_path}")
    try:
        if not build.exists(build.DEBIAN):
            pytest.skip(f"{build.DEBIAN} is not on this engine: make up on a fresh one brings it")
    except docker.errors.DockerException:
        pytest.skip("no Docker engine answers")
    _trust(monkeypatch, bundle)
    client = docker.from_env()
    said: list[str] = []
    reference = build.ensure(said.append)
    try:
        assert said == [f"building {reference}"]
        assert build.exists(reference)
        container = client.containers.create(reference, ["true"])
        try:
            chunks, _ = container.get_archive("/etc/ssl/certs/ca-certificates.crt")
        finally:
            container.remove()
        with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as tar:
            file = tar.extractfile("ca-certificates.crt")
            assert file is not None
            assert file.read() == bundle.read_bytes()
    finally:
        client.images.remove(reference)
        client.close()
    assert not build.exists(reference)


def test_recipe_that_fails_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = tmp_path / "images/base/Dockerfile"
    recipe.parent.mkdir(parents=True)
    monkeypatch.setattr(build, "ROOT", tmp_path)
    for text in ("FROM scratch\nCOPY missing /\n", "FROM scratch\nNONSENSE\n"):
        recipe.write_text(text)
        with pytest.raises(ImageError, match=r"^base image: [^\n]*(missing|NONSENSE)[^\n]*$"):
            build.ensure()
