"""Shows what the policies say of the stacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from ops.errors import OpsError
from ops.lifecycle import teller
from ops.policies.ask import ask, stacks
from ops.policies.check import check
from ops.policies.exceptions import EXEMPTIONS
from ops.policies.policy import REGISTRY
from ops.tools import docker_engine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from ops.policies.check import Outcome


def run(names: Sequence[str], console: Console) -> None:
    """Asks the engine about each stack and shows every policy, exception and finding.

    Raises:
        OpsError: a policy is broken, or an exemption is needed by nothing.
    """
    say = teller(console)
    docker_engine.ensure_engine(say)
    planned = []
    for name in names or stacks():
        say(f"previewing stack '{name}'")
        planned.append(ask(name))
    outcome = check(planned, EXEMPTIONS)
    show(outcome, console)
    for stack in planned:
        for line in stack.left_out:
            console.print(f"[yellow]{stack.name}: not looked at: {line}[/yellow]", highlight=False)
    refuse(outcome)


def show(outcome: Outcome, console: Console) -> None:
    """A row for each policy, then each exemption with its reason, then what breaks a policy."""
    table = Table()
    for column in ("policy", "asked", "excused", "broken", "why it holds"):
        table.add_column(column)
    for name, policy in REGISTRY.items():
        counts = [sum(one.policy == name for one in found) for found in (outcome.excused, outcome.findings)]
        table.add_row(name, str(outcome.asked[name]), *(str(count or "") for count in counts), policy.reason)
    console.print(table)
    for one in EXEMPTIONS:
        console.print(Text(f"exempt from {one.policy}: {one.resource}: {one.reason}"))
    for finding in outcome.findings:
        console.print(Text(str(finding), style="red"))


def refuse(outcome: Outcome) -> None:
    """Ends with an error where something is wrong.

    Raises:
        OpsError: one line that says how much.
    """
    if outcome.findings:
        raise OpsError(f"{len(outcome.findings)} resources break a policy, the first is {outcome.findings[0]}")
    if outcome.unused:
        names = ", ".join(f"{one.policy} of {one.resource}" for one in outcome.unused)
        raise OpsError(f"exemptions that nothing needs, to be removed from ops/policies/exceptions.py: {names}")
