"""The stack as the Automation API sees it: the program runs through the language host, never inline."""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pulumi import automation

from components import settings as stack_settings
from components.configuration import raw
from ops.errors import OpsError, one_line
from ops.paths import ROOT, backend_url, passphrase_file, settings_file, state_folder
from ops.tools import pulumi_cli

if TYPE_CHECKING:
    from collections.abc import Callable


def environment(tools: pulumi_cli.PulumiTools) -> dict[str, str]:
    """What `pulumi` needs in its environment, typed by hand or driven from here."""
    venv = Path(sys.prefix)
    values = {
        "PATH": os.pathsep.join([str(tools.bin_dir), str(venv / "bin"), os.environ.get("PATH", "")]),
        "PULUMI_BACKEND_URL": backend_url(),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_PYTHON_CMD": str(venv / "bin" / "python"),
        # Dynamic providers find their classes here.
        "PYTHONPATH": str(ROOT),
    }
    if "PULUMI_CONFIG_PASSPHRASE" not in os.environ:
        values["PULUMI_CONFIG_PASSPHRASE_FILE"] = str(passphrase_file())
    return values


def ensure_backend() -> None:
    """Makes the local state folder and the passphrase, each only where it is missing and nothing else is set.

    Raises:
        OpsError: what stands where the passphrase should be is not a file.
    """
    if backend_url() == f"file://{state_folder()}":
        state_folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    if "PULUMI_CONFIG_PASSPHRASE" in os.environ:
        return
    path = passphrase_file()
    named = bool(os.environ.get("PULUMI_CONFIG_PASSPHRASE_FILE"))
    if not named and not path.exists():
        _make_passphrase(path)
    elif not path.is_file():
        who = "PULUMI_CONFIG_PASSPHRASE_FILE names" if named else "the passphrase is looked for in"
        raise OpsError(f"{who} {path}, which is not a file")


def _make_passphrase(path: Path) -> None:
    """Writes a new passphrase, whole and readable by this user alone; one that another run made meanwhile is kept."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".passphrase-") as draft:
        draft.write(secrets.token_urlsafe(32) + "\n")
        draft.flush()
        with contextlib.suppress(FileExistsError):
            os.link(draft.name, path)


def open_stack(stack: str, progress: Callable[[str], None], *, create: bool) -> automation.Stack:
    """The stack `stack`; made in the backend where it is missing and `create` is true.

    Raises:
        OpsError: the name is not allowed, the stack does not exist, or Pulumi refuses.
    """
    if not stack_settings.STACK_NAME.fullmatch(stack):
        raise OpsError(f"STACK={stack}: allowed are lower-case letters, digits and '-', at most 25, a letter first")
    if not create and not settings_file(stack).exists():
        raise OpsError(
            f"there is no stack '{stack}' here (no {settings_file(stack).name}): make up STACK={stack} makes it"
        )
    tools = pulumi_cli.ensure_pulumi(progress)
    ensure_backend()
    values = environment(tools)
    os.environ["PATH"] = values["PATH"]
    options = automation.LocalWorkspaceOptions(env_vars=values)
    try:
        if create:
            return automation.create_or_select_stack(stack, work_dir=str(ROOT), opts=options)
        return automation.select_stack(stack, work_dir=str(ROOT), opts=options)
    except automation.StackNotFoundError:
        raise OpsError(f"stack '{stack}' is not up: make up STACK={stack}") from None
    except automation.CommandError as error:
        raise OpsError(one_line([str(error)])) from None


def configuration(stack: automation.Stack) -> dict[str, Any]:
    """The stack's own configuration, secrets in clear, without the project's namespace."""
    try:
        values = stack.get_all_config()
    except automation.CommandError as error:
        raise OpsError(one_line([str(error)])) from None
    return raw({key: value.value for key, value in values.items()})


def settings_of(stack: automation.Stack) -> tuple[stack_settings.Settings, stack_settings.Secrets]:
    """Settings and secrets of the stack.

    Raises:
        OpsError: one line that names the key that is unknown, missing or wrong.
    """
    try:
        return stack_settings.parse(configuration(stack), stack.name)
    except stack_settings.SettingsError as error:
        raise OpsError(str(error)) from None
