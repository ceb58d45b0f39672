"""`python -m ops commits`: refuse messages that break the convention, with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ops.commits import convention, history
from ops.errors import OpsError

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

_SCISSORS: Final = "# ------------------------ >8 ------------------------"
_UNDER_WAY: Final = ("fixup! ", "squash! ", "amend! ", "Merge ")
"""What git itself writes: while one works it is let through, since squashing and merging take it away."""


def check_range(root: Path, out: Console, err: Console, among: str) -> int:
    """Check every commit that `among` names; exit status 1 and one line for each that breaks the convention.

    Raises:
        OpsError: git does not know what it names.
    """
    allowed = convention.types(root)
    found = history.commits(root, among)
    faults = [(commit, why) for commit in found if (why := convention.fault(commit.message, allowed))]
    for commit, why in faults:
        err.print(f"{commit.named}: {why}", highlight=False, markup=False)
    if not faults:
        out.print(f"{len(found)} commits keep the convention", highlight=False)
    return 1 if faults else 0


def check_message(root: Path, file: Path) -> None:
    """Check the message that git is about to commit, as the hook commit-msg gets it.

    Raises:
        OpsError: it breaks the convention, or cannot be read.
    """
    try:
        message = _without_comments(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise OpsError(f"the message cannot be read: {error}") from error
    if message.startswith(_UNDER_WAY):
        return
    if why := convention.fault(message, convention.types(root)):
        raise OpsError(f"the message is refused: {why}")


def _without_comments(text: str) -> str:
    """The message as git keeps it: nothing below the scissors, no comments, no empty lines around it."""
    kept = text.partition(_SCISSORS)[0].splitlines()
    return "\n".join(line for line in kept if not line.startswith("#")).strip()
