"""Files in a service's volume: whose they are, what a second hand-over leaves of the first, and what stays behind."""

from __future__ import annotations

import io
import json
import secrets
import tarfile
import time
from typing import TYPE_CHECKING, Any

import docker
import docker.errors
import pytest

from components.placement import handover
from components.placement.handover import FilesProvider, fill
from components.service import FILES_MOUNT
from images.base import build as base_image
from tests.built_images import built

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from docker.models.volumes import Volume

_OWNER = 4711
_FILES = {
    "config/thing.conf": {"text": "size = 3\n", "mode": "0444"},
    "config/ação.conf": {"text": "área: “leste”\n", "mode": "0444"},
    "secrets/password": {"text": "no newline at its end", "mode": "0400"},
}


@pytest.fixture(scope="module")
def engine() -> Iterator[docker.DockerClient]:
    client = docker.from_env()
    yield client
    client.close()


@pytest.fixture
def volume(engine: docker.DockerClient) -> Iterator[Volume]:
    made = engine.volumes.create(f"ops-test-{secrets.token_hex(4)}")
    yield made
    made.remove(force=True)


@pytest.fixture(params=["base", "redis"])
def image(request: pytest.FixtureRequest) -> str:
    """An image without an entry point, and one whose own entry point and user are a server's."""
    return base_image.ensure() if request.param == "base" else built(request.param)


def _labels(volume: Volume) -> dict[str, str]:
    return {"ops-test": str(volume.name)}


def _run(engine: docker.DockerClient, volume: Volume, *command: str, user: str = "0:0") -> int:
    """How a command ends in a container that has the volume as a service has it."""
    container = engine.containers.create(
        base_image.ensure(),
        list(command),
        user=user,
        cap_drop=["ALL"],
        volumes={str(volume.name): {"bind": FILES_MOUNT, "mode": "rw"}},
        network_mode="none",
    )
    try:
        container.start()
        return int(container.wait(timeout=60)["StatusCode"])
    finally:
        container.remove(force=True)


def _held(engine: docker.DockerClient, volume: Volume) -> dict[str, tuple[str, str | None]]:
    """Path → (type, mode and owner; text) of everything in the volume."""
    container = engine.containers.create(
        base_image.ensure(), ["true"], volumes={str(volume.name): {"bind": FILES_MOUNT, "mode": "ro"}}
    )
    try:
        chunks, _ = container.get_archive(f"{FILES_MOUNT}/.")
        found: dict[str, tuple[str, str | None]] = {}
        with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as tar:
            for entry in tar:
                file = tar.extractfile(entry)
                what = f"{'d' if entry.isdir() else 'f'} {entry.mode & 0o7777:o} {entry.uid}:{entry.gid}"
                found[entry.name.removeprefix("./").rstrip("/")] = (what, file.read().decode() if file else None)
    finally:
        container.remove(force=True)
    return {path: held for path, held in found.items() if path not in {"", "."}}


def _text(path: str) -> str:
    return _FILES[path]["text"]


def test_files_are_the_services_own_with_their_modes_and_texts(
    engine: docker.DockerClient, volume: Volume, image: str
) -> None:
    fill(str(volume.name), image, _FILES, _OWNER, _labels(volume))
    assert _held(engine, volume) == {
        "config": ("d 500 4711:4711", None),
        "config/thing.conf": ("f 444 4711:4711", _text("config/thing.conf")),
        "config/ação.conf": ("f 444 4711:4711", _text("config/ação.conf")),
        "secrets": ("d 500 4711:4711", None),
        "secrets/password": ("f 400 4711:4711", _text("secrets/password")),
    }


@pytest.mark.parametrize("path", _FILES)
def test_service_reads_its_files_and_nobody_else_does(engine: docker.DockerClient, volume: Volume, path: str) -> None:
    fill(str(volume.name), base_image.ensure(), _FILES, _OWNER, _labels(volume))
    for user, status in ((_OWNER, 0), (_OWNER + 1, 1)):
        assert _run(engine, volume, "cat", f"{FILES_MOUNT}/{path}", user=f"{user}:{user}") == status


def test_service_cannot_change_its_files(engine: docker.DockerClient, volume: Volume) -> None:
    fill(str(volume.name), base_image.ensure(), _FILES, _OWNER, _labels(volume))
    for script in (": >> config/thing.conf", "touch secrets/more", "rm secrets/password"):
        assert _run(engine, volume, "sh", "-c", f"cd {FILES_MOUNT} && {script}", user=f"{_OWNER}:{_OWNER}") != 0
    assert _held(engine, volume)["config/thing.conf"][1] == _text("config/thing.conf")


def test_second_hand_over_leaves_nothing_of_the_first(engine: docker.DockerClient, volume: Volume, image: str) -> None:
    fill(str(volume.name), image, {**_FILES, "old/deep.conf": _FILES["config/thing.conf"]}, _OWNER, _labels(volume))
    # What was put there by hand goes as well, hidden or not.
    script = f"cd {FILES_MOUNT} && mkdir .own && touch .own/x .y"
    assert _run(engine, volume, "sh", "-c", script) == 0
    assert {".own/x", ".y", "old/deep.conf"} <= set(_held(engine, volume))
    fill(str(volume.name), image, {"config/new.conf": {"text": "new", "mode": "0444"}}, 1234, _labels(volume))
    assert _held(engine, volume) == {
        "config": ("d 500 1234:1234", None),
        "config/new.conf": ("f 444 1234:1234", "new"),
    }


def test_no_files_empty_the_volume(engine: docker.DockerClient, volume: Volume) -> None:
    fill(str(volume.name), base_image.ensure(), _FILES, _OWNER, _labels(volume))
    assert _held(engine, volume)
    fill(str(volume.name), base_image.ensure(), {}, _OWNER, _labels(volume))
    assert _held(engine, volume) == {}


def _happened(engine: docker.DockerClient, since: int, **filters: Any) -> list[dict[str, Any]]:
    """What the engine reports since then."""
    return list(engine.events(since=since, until=int(time.time()) + 1, decode=True, filters=filters))


def test_helper_is_gone_with_what_its_image_made_it_have(engine: docker.DockerClient, volume: Volume) -> None:
    image = built("redis")
    assert engine.images.get(image).attrs["Config"]["Volumes"], "the case: a volume of the image's own"
    since = int(time.time()) - 1
    fill(str(volume.name), image, _FILES, _OWNER, _labels(volume))
    created = _happened(engine, since, type="container", event="create", label=f"ops-test={volume.name}")
    (helper,) = [event["Actor"]["ID"] for event in created]
    with pytest.raises(docker.errors.NotFound):
        engine.containers.get(helper)
    mounts = _happened(engine, since, type="volume", event="mount")
    mounted = {event["Actor"]["ID"] for event in mounts if event["Actor"]["Attributes"]["container"] == helper}
    assert len(mounted) == 2
    assert volume.name in mounted
    for name in mounted - {str(volume.name)}:
        with pytest.raises(docker.errors.NotFound):
            engine.volumes.get(name)


def test_nothing_handed_over_is_in_what_inspect_shows(
    engine: docker.DockerClient, volume: Volume, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    archive = handover.archive

    def looking(files: Mapping[str, Mapping[str, str]], owner: int) -> bytes:
        (helper,) = engine.containers.list(all=True, filters={"label": f"ops-test={volume.name}"}, ignore_removed=True)
        shown.append(json.dumps(helper.attrs))
        return archive(files, owner)

    monkeypatch.setattr(handover, "archive", looking)
    fill(str(volume.name), base_image.ensure(), _FILES, _OWNER, _labels(volume))
    assert str(volume.name) in shown[0]
    assert _text("secrets/password") not in shown[0]


def test_helper_is_gone_after_a_failure(
    engine: docker.DockerClient, volume: Volume, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> bytes:
        found = engine.containers.list(all=True, filters={"label": f"ops-test={volume.name}"}, ignore_removed=True)
        assert len(found) == 1
        raise OSError("no memory for it")

    monkeypatch.setattr(handover, "archive", broken)
    with pytest.raises(OSError, match="no memory for it"):
        fill(str(volume.name), base_image.ensure(), _FILES, _OWNER, _labels(volume))
    assert not engine.containers.list(all=True, filters={"label": f"ops-test={volume.name}"}, ignore_removed=True)


def test_provider_replaces_on_any_change_and_finds_a_lost_volume(engine: docker.DockerClient, volume: Volume) -> None:
    provider = FilesProvider()
    props = {
        "volume": str(volume.name),
        "image": base_image.ensure(),
        "owner": float(_OWNER),  # as numbers come from the engine
        "files": _FILES,
        "labels": _labels(volume),
    }
    created = provider.create(props)
    assert created.id == volume.name
    assert _held(engine, volume)["secrets/password"][0] == "f 400 4711:4711"
    assert provider.read(str(volume.name), props).id == volume.name
    assert provider.read("x", {**props, "volume": f"{volume.name}-gone"}).id == ""
    assert provider.diff("x", props, {**props, "image": "another", "labels": {}}).changes is False
    changes: dict[str, Any] = {"owner": 1, "files": {}, "volume": "other"}
    for key, value in changes.items():
        changed = provider.diff("x", props, {**props, key: value})
        assert (changed.changes, changed.replaces, changed.delete_before_replace) == (True, [key], True)
    provider.delete(str(volume.name), props)
    assert "secrets/password" in _held(engine, volume)
