"""The policies, one small function each."""

from __future__ import annotations

import json
import re
from ipaddress import ip_address
from typing import TYPE_CHECKING

from ops.policies.planned import CONTAINER, FILES, IMAGE, NETWORK, VOLUME
from ops.policies.policy import policy
from ops.preview.properties import SECRET

if TYPE_CHECKING:
    from ops.policies.planned import Planned, Resource

KEEP_DATA = ("postgres", "redis", "prometheus", "alertmanager", "grafana")
"""Programs that keep data, by the last part of their image's name."""
PROTECTED = ("prod",)
"""Stacks whose data nobody gets back."""
LABELS = ("mundo.project", "mundo.stack", "mundo.component", "mundo.version", "mundo.instance")
_RESTARTS = ("unless-stopped", "always")
_SHOWN = ("envs", "command", "entrypoints", "healthcheck", "labels", "hostname", "logOpts", "tmpfs")
"""Inputs that `docker inspect`, a list of processes or a log would show."""


@policy("pinned-image", IMAGE, reason="the same settings give the same program, today and after a restore")
def pinned_image(image: Resource, _: Planned) -> str | None:
    """A digest, or a tag that is not one that moves."""
    reference = str(image.inputs.get("name", ""))
    tag = reference.rsplit("/", 1)[-1].partition(":")[2]
    if "@sha256:" in reference or (tag and tag != "latest" and re.search(r"\d", tag)):
        return None
    return f"{reference or 'no image'} is not pinned to a version"


@policy("declared-image", CONTAINER, reason="an image that the program declares is built, pinned and renewed by it")
def declared_image(container: Resource, stack: Planned) -> str | None:
    """The container's image is one of the program's."""
    return None if stack.image(container) else "its image is none that the program declares"


@policy("health-check", CONTAINER, reason="a program that hangs is seen, and `up` waits for one that works")
def health_check(container: Resource, _: Planned) -> str | None:
    """A command with an end to its patience."""
    check = container.inputs.get("healthcheck") or {}
    tests = check.get("tests") or []
    if len(tests) < len(("CMD", "a program")) or tests[0] not in {"CMD", "CMD-SHELL"}:
        return "it has no health check"
    missing = [key for key in ("interval", "timeout", "retries") if not check.get(key)]
    return f"its health check has no {', '.join(missing)}" if missing else None


@policy("memory-limit", CONTAINER, reason="one program that grows must not take the others' memory")
def memory_limit(container: Resource, _: Planned) -> str | None:
    """A limit, and no swap beyond it."""
    memory = container.inputs.get("memory") or 0
    if memory <= 0:
        return "it has no memory limit"
    return None if container.inputs.get("memorySwap") == memory else "it may use swap beyond its memory limit"


@policy("named-volume", CONTAINER, reason="what is in a container or in an anonymous volume goes with the container")
def named_volume(container: Resource, stack: Planned) -> str | None:
    """Whatever keeps data keeps it in a volume with a name."""
    volumes = container.inputs.get("volumes") or []
    nameless = [one["containerPath"] for one in volumes if not one.get("volumeName") and not one.get("hostPath")]
    if nameless:
        return f"an anonymous volume is at {', '.join(nameless)}"
    program = (stack.image(container) or "").rsplit("/", 1)[-1].partition(":")[0]
    kept = any(stack.holds_data(one.get("volumeName", "")) for one in volumes)
    return None if kept or program not in KEEP_DATA else f"{program} keeps data and has no volume of the stack for them"


@policy("machine-read-only", CONTAINER, reason="a container that writes to the machine or drives Docker owns it")
def machine_read_only(container: Resource, _: Planned) -> str | None:
    """Folders of the machine are only read, and its engine is out of reach."""
    for one in container.inputs.get("volumes") or []:
        path = one.get("hostPath")
        if path and not one.get("readOnly"):
            return f"it may write to {path} of the machine"
        if path and path.endswith("docker.sock"):
            return "it reaches the Docker engine"
    return None


@policy("loopback", CONTAINER, reason="a port that others reach is one that somebody decided to open")
def loopback(container: Resource, stack: Planned) -> str | None:
    """Ports are published on loopback, or on the address that the stack's settings name."""
    for port in container.inputs.get("ports") or []:
        address = ip_address(port.get("ip") or "0.0.0.0")  # noqa: S104 - what Docker takes where none is named
        if not address.is_loopback and str(address) != stack.bind_address:
            return f"port {port.get('external')} is published on {address}"
    return None


@policy("no-secret-shown", CONTAINER, reason="environment and command line are read by whoever may list processes")
def no_secret_shown(container: Resource, stack: Planned) -> str | None:
    """No secret of the stack, nor anything made from one, where people can read it."""
    for key in _SHOWN:
        text = json.dumps(container.inputs.get(key), ensure_ascii=False)
        if SECRET in text or any(secret in text for secret in stack.secrets):
            return f"a secret is in {key}"
    return None


@policy("secret-files-private", FILES, reason="files of secrets are kept out of state and previews in clear")
def secret_files_private(files: Resource, stack: Planned) -> str | None:
    """What is handed over is a secret as a whole."""
    text = json.dumps(files.inputs)
    leaks = any(secret in text for secret in stack.secrets)
    return "its files are not marked as secret" if leaks or files.inputs.get("files") != SECRET else None


@policy("protect", VOLUME, reason="production's data are removed by nobody by mistake")
def protect(volume: Resource, stack: Planned) -> str | None:
    """What holds data is protected, in production always, elsewhere where the settings say so."""
    wanted = (stack.name in PROTECTED or stack.protects) and stack.holds_data(str(volume.inputs["name"]))
    return "it holds data and is not protected" if wanted and not volume.protect else None


@policy("own-user", CONTAINER, reason="root in a container is root on the machine, one mistake away")
def own_user(container: Resource, _: Planned) -> str | None:
    """A numeric user and group, neither of them root's."""
    user = str(container.inputs.get("user") or "")
    return None if re.fullmatch(r"[1-9]\d*:[1-9]\d*", user) else f"it runs as {user or 'the user of its image'}"


@policy("dropped-capabilities", CONTAINER, reason="none of the programs needs a power of root's")
def dropped_capabilities(container: Resource, _: Planned) -> str | None:
    """No capability, and no way to gain one."""
    if container.inputs.get("privileged"):
        return "it is privileged"
    capabilities = container.inputs.get("capabilities") or {}
    if capabilities.get("drops") != ["ALL"] or capabilities.get("adds"):
        return "it keeps or adds capabilities"
    options = container.inputs.get("securityOpts") or []
    return None if "no-new-privileges:true" in options else "its programs may gain privileges"


@policy("read-only-root", CONTAINER, reason="what is written outside volumes is lost, and an intruder has no place")
def read_only_root(container: Resource, _: Planned) -> str | None:
    """The root file system is only read."""
    return None if container.inputs.get("readOnly") is True else "its root file system can be written to"


@policy("restart", CONTAINER, reason="the platform comes back by itself after a crash and after a reboot")
def restart(container: Resource, _: Planned) -> str | None:
    """Docker starts it again."""
    found = container.inputs.get("restart")
    return None if found in _RESTARTS else f"its restart policy is {found or 'none'}"


@policy("labels", CONTAINER, VOLUME, NETWORK, reason="what belongs to the project and the stack is found, and removed")
def labels(one: Resource, stack: Planned) -> str | None:
    """The project's labels, and the right stack's."""
    found = {label["label"]: label["value"] for label in one.inputs.get("labels") or []}
    missing = [label for label in LABELS if not found.get(label)]
    if missing:
        return f"it has no label {', '.join(missing)}"
    return None if found["mundo.stack"] == stack.name else f"its label says stack {found['mundo.stack']}"
