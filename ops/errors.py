"""Errors for people: one line that says what is wrong, where, and what to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class OpsError(RuntimeError):
    """Something the operator can mend; the text is the one line shown."""


_KNOWN = (
    (
        re.compile(r"incorrect passphrase"),
        (
            "wrong passphrase: it does not open this stack's secrets; give the right one in the file that "
            "PULUMI_CONFIG_PASSPHRASE_FILE names (nothing was changed)"
        ),
    ),
    (
        re.compile(r"passphrase must be set"),
        "no passphrase: set PULUMI_CONFIG_PASSPHRASE_FILE to the file that holds this stack's passphrase",
    ),
    (
        re.compile(r"the stack is currently locked by (\d+) lock"),
        "another update of this stack is running; wait for its end, then again",
    ),
    (
        re.compile(r"(?i)no space left on device"),
        "the disk is full: free some space (make clean-images removes unused images), then again",
    ),
    (
        re.compile(r"(?i)cannot connect to the docker daemon"),
        "no Docker engine answers: make doctor says more",
    ),
)
_NOISE = re.compile(
    r"^(\s*$|\s*at |\s*File \"|Traceback|error: an unhandled error|error: update failed|error: preview failed|"
    r"\s*\^|During handling|The above exception|\d+ errors? occurred|stderr:|stdout:|code: )"
)
_PREFIX = re.compile(
    r"^(?:\s*\*\s*|error:\s*|Exception calling application:\s*|[\w.]*(?:RunError|RuntimeError|Exception|Error):\s*|"
    r"creating urn:\S+:\s*|updating urn:\S+:\s*|deleting urn:\S+:\s*|\w+ failed:\s*|rpc error:.*?desc = )+"
)


def one_line(texts: Iterable[str]) -> str:
    """The most telling single line among the engine's diagnostics."""
    candidates: list[str] = []
    for text in texts:
        for pattern, plain in _KNOWN:
            if pattern.search(text):
                return plain
        lines = [line for line in text.splitlines() if not _NOISE.match(line)]
        if "Traceback" in text and lines:
            lines = lines[-1:]  # the exception itself; above it stands where it came from
        candidates += [_PREFIX.sub("", line).strip() for line in lines]
    return next((line for line in candidates if line), "Pulumi failed without saying why; PULUMI_DEBUG=1 shows more")
