"""Mends what an interrupted update left: a dead owner's lock, half-made containers, half-written state."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docker
import docker.errors
from pulumi import automation

from components import proxy
from components import settings as stack_settings
from ops import engine_objects
from ops.errors import OpsError
from ops.paths import backend_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Resources = Sequence[Mapping[str, Any]]


_WAIT_SECONDS = 600
_CONTAINER = "docker:index/container:Container"


def clear_locks(stack: str, progress: Callable[[str], None]) -> None:
    """Removes the lock of an update whose process is dead; waits for one that lives.

    Only locks of a local file backend that this host's own processes hold are touched.

    Raises:
        OpsError: the other update did not end in time, or runs on another host.
    """
    deadline = time.monotonic() + _WAIT_SECONDS
    told = False
    for path, owner in _locks(stack):
        while path.exists():
            if owner.get("hostname") != socket.gethostname():
                raise OpsError(f"stack '{stack}' is being updated from host {owner.get('hostname')}: wait for its end")
            if not _is_pulumi(int(owner.get("pid", 0))):
                progress(f"cleared the lock of an interrupted update (process {owner.get('pid')} is gone)")
                path.unlink(missing_ok=True)
                break
            if time.monotonic() > deadline:
                raise OpsError(
                    f"stack '{stack}' is being updated by process {owner['pid']}: wait for its end, then again"
                )
            if not told:
                progress(f"another update of '{stack}' is running (process {owner['pid']}); waiting for its end")
                told = True
            time.sleep(1)


def resources(stack: automation.Stack) -> Resources:
    """Everything that state knows."""
    return _resources(stack.export_stack().deployment)


def settled(stack: automation.Stack, progress: Callable[[str], None]) -> Resources:
    """Everything that state knows; operations that never ended are taken out of it."""
    deployment = stack.export_stack()
    state = dict(deployment.deployment or {})
    if state.get("pending_operations"):
        progress(f"{len(state['pending_operations'])} operations of an interrupted update are begun anew")
        state["pending_operations"] = []
        stack.import_stack(automation.Deployment(version=deployment.version, deployment=state))
    return _resources(state)


def remove_leftovers(
    engine: docker.DockerClient, stack: str, instance: str, state: Resources, progress: Callable[[str], None]
) -> None:
    """Removes containers and networks of ours that state does not know; volumes are kept and taken over by name."""
    known = {str(resource.get("id", "")) for resource in state}
    found = engine_objects.find(engine, stack, instance)
    for name, id_ in found.containers.items():
        if id_ not in known:
            progress(f"removing {name}, left half-made by an interrupted update")
            _remove(name, engine.containers.get, id_, force=True)
    for name, id_ in found.networks.items():
        if id_ not in known:
            progress(f"removing the network {name}, left half-made by an interrupted update")
            _remove(name, engine.networks.get, id_)


def missing_containers(engine: docker.DockerClient, state: Resources) -> dict[str, str]:
    """URN → name of the containers that state knows and the engine has no longer: somebody removed them by hand.

    The state of a stack whose database is among them cannot be compared as a whole, since jobs and schema are asked of
    the database; these containers alone can.
    """
    there = {str(item.id) for item in engine.containers.list(all=True, ignore_removed=True)}
    return {
        str(resource["urn"]): str(resource.get("outputs", {}).get("name", resource["urn"]))
        for resource in state
        if resource.get("type") == _CONTAINER and resource.get("id") and resource["id"] not in there
    }


def free_port(
    engine: docker.DockerClient, stack: str, settings: stack_settings.Settings, progress: Callable[[str], None]
) -> None:
    """Stops the proxy of a stack that is to have none: the app, which is made before it is removed, takes its port."""
    if settings.catalog.instances > 1:
        return
    found = engine_objects.find(engine, stack, settings.instance or stack)
    if id_ := found.containers.get(f"{stack_settings.PROJECT}-{stack}-{proxy.NAME}"):
        progress("stopping the proxy, whose port the app takes")
        engine.containers.get(id_).stop()


def remove_all(engine: docker.DockerClient, stack: str, instance: str) -> engine_objects.StackObjects:
    """Removes whatever of the stack is still on the engine after a `down`; returns what that was.

    Raises:
        OpsError: something that is no part of the stack still uses a network or a volume of it.
    """
    found = engine_objects.find(engine, stack, instance)
    for name, id_ in found.containers.items():
        _remove(name, engine.containers.get, id_, force=True)
    for name, id_ in found.networks.items():
        _remove(name, engine.networks.get, id_)
    for name in found.volumes:
        _remove(name, engine.volumes.get, name, force=True)
    return found


def _remove(name: str, get: Callable[[str], Any], id_: str, **how: bool) -> None:
    """Removes one thing of the engine; one that is gone already is fine."""
    try:
        get(id_).remove(**how)
    except docker.errors.NotFound:
        return
    except docker.errors.APIError as error:
        raise OpsError(f"{name} cannot be removed: {error.explanation}") from None


def _resources(state: Mapping[str, Any] | None) -> Resources:
    return list((state or {}).get("resources") or [])


def _locks(stack: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    url = backend_url()
    if not url.startswith("file://"):
        return
    root = Path(url.removeprefix("file://").partition("?")[0]).expanduser()
    folder = root / ".pulumi" / "locks" / "organization" / stack_settings.PROJECT / stack
    for path in sorted(folder.glob("*.json")):
        try:
            yield path, json.loads(path.read_text())
        except (OSError, json.JSONDecodeError):
            yield path, {"hostname": socket.gethostname(), "pid": 0}


def _is_pulumi(pid: int) -> bool:
    """Whether process `pid` lives and is a Pulumi CLI (another program may have its number by now)."""
    try:
        name, _, rest = Path(f"/proc/{pid}/stat").read_text().partition("(")[2].rpartition(") ")
    except OSError:
        return False
    # Z and X: killed, and not yet reaped by whoever started it (nobody does where process 1 is no init).
    return name.startswith("pulumi") and rest[:1] not in {"Z", "X"}
