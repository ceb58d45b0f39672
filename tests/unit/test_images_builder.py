"""Builds of service images on the real engine: their tag, their failures, and what they leave behind."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import docker
import docker.errors
import pytest

from images import builder, content
from images.base import build as base_image

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def engine() -> Iterator[docker.DockerClient]:
    try:
        client = docker.from_env()
    except docker.errors.DockerException:
        pytest.skip("no Docker engine answers")
    yield client
    client.close()


@pytest.fixture
def image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: docker.DockerClient) -> Iterator[Path]:
    """The folder of an image of the test's own; whatever was built of it is removed."""
    name = f"ops-test-{secrets.token_hex(4)}"
    base_image.ensure()
    monkeypatch.setattr(content, "ROOT", tmp_path)
    folder = tmp_path / "images" / name
    folder.mkdir(parents=True)
    yield folder
    for found in engine.images.list(name=f"mundo/{name}"):
        engine.images.remove(str(found.id), force=True)
    engine.images.prune(filters={"dangling": True, "label": f"ops-test={name}"})


def _recipe(image: Path, *lines: str) -> None:
    text = "\n".join(["ARG BASE", "FROM ${BASE}", f"LABEL ops-test={image.name}", *lines])
    (image / "Dockerfile").write_text(f"{text}\n")


def _status(engine: docker.DockerClient, tag: str) -> int:
    container = engine.containers.create(tag, network_mode="none")
    try:
        container.start()
        return int(container.wait(timeout=60)["StatusCode"])
    finally:
        container.remove(force=True)


def test_image_is_built_under_its_content_tag_once(image: Path, engine: docker.DockerClient) -> None:
    (image / "run.sh").write_text("#!/bin/sh\nexit 7\n")
    (image / "run.sh").chmod(0o755)
    _recipe(image, f"COPY images/{image.name}/run.sh /usr/local/bin/", 'CMD ["run.sh"]')
    said: list[str] = []
    tag = builder.ensure(image.name, said.append)
    assert tag == content.tag(image.name, base_image.tag())
    assert _status(engine, tag) == 7
    assert said[0] == f"building {tag}"
    assert said[1].startswith(f"{image.name}: Step 1/5 : ARG BASE")
    said.clear()
    assert builder.ensure(image.name, said.append) == tag
    assert said == []
    (image / "run.sh").write_text("#!/bin/sh\nexit 8\n")
    assert _status(engine, builder.ensure(image.name)) == 8


def test_failing_command_is_one_line_that_says_why(image: Path, engine: docker.DockerClient) -> None:
    _recipe(image, "RUN echo working && echo 'E: Unable to locate package thing' >&2 && exit 3")
    with pytest.raises(content.ImageError) as refusal:
        builder.ensure(image.name)
    text = str(refusal.value)
    assert text.startswith(f"image {image.name}: E: Unable to locate package thing: The command '/bin/sh -c echo")
    assert text.endswith("returned a non-zero code: 3")
    assert "\n" not in text
    assert not base_image.exists(content.tag(image.name, base_image.tag()))
    left = engine.containers.list(all=True, filters={"label": f"ops-test={image.name}"}, ignore_removed=True)
    assert left == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [("NONSENSE here", "(?i)unknown instruction: NONSENSE"), ("COPY --from=nobody /a /b", "nobody")],
)
def test_recipe_that_docker_refuses_is_one_line(image: Path, line: str, expected: str) -> None:
    _recipe(image, line)
    with pytest.raises(content.ImageError, match=expected) as refusal:
        builder.ensure(image.name)
    assert str(refusal.value).startswith(f"image {image.name}: ")
    assert "\n" not in str(refusal.value)
