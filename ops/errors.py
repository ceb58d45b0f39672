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
    (
        re.compile(r"container failed to be in healthy state"),
        "a service does not become healthy: make status shows which, docker logs with its name says why",
    ),
)
_NOISE = re.compile(
    r"^\s*($|warning: |at |File \"|Traceback|\^|During handling|The above exception|"
    r"\d+ errors? occurred|the program failed:$|an unhandled error|"
    r"(update|preview|destroy|refresh) failed$|Resource monitor has terminated)"
)
_UNTELLING = "KeyError|IndexError|AttributeError|TypeError|NameError|AssertionError|StopIteration"
"""Exceptions whose text says little without their name."""
_PREFIX = re.compile(
    r"^(?:\s*\*\s*|\s*error:\s*|Exception calling application:\s*|"
    rf"(?!(?:{_UNTELLING}):)[\w.]*(?:Exception|Error):\s*|"
    r"(?:creating|updating|deleting|replacing|reading) urn:\S+:\s*|\w+ failed:\s*|rpc error:.*?desc = |"
    r"\s*sdk-v2/\S+\.go:\d+: sdk\.\w+:\s*)+"
)
_URN = re.compile(r"urn:pulumi:\S+::")
_SUFFIX = re.compile(r": provider=[\w-]+@[\d.]+\s*$")
_COMMAND = re.compile(r"(?s)\A\s*code: -?\d+\n stdout: (?P<stdout>.*)\n stderr: (?P<stderr>.*)\Z")
"""How the Automation API words the failure of a `pulumi` command."""


def one_line(texts: Iterable[str]) -> str:
    """The most telling single line among the engine's diagnostics."""
    candidates: list[str] = []
    for text in texts:
        for pattern, plain in _KNOWN:
            if pattern.search(text):
                return plain
        candidates += [_plain(line) for line in _lines(text)]
    return next(
        (line for line in candidates if not _NOISE.match(line)),
        "Pulumi failed without saying why; MUNDO_DEBUG=1 shows more",
    )


def _lines(text: str) -> list[str]:
    """The lines of one diagnostic that may say why."""
    command = _COMMAND.match(text)
    if command:
        printed = command["stdout"].partition("Diagnostics:\n")[2]
        text = command["stderr"].strip() or "\n".join(line for line in printed.splitlines() if "error:" in line)
    lines = text.splitlines()
    frames = [number for number, line in enumerate(lines) if line.startswith('  File "')]
    if frames:
        # The exception itself is the first line that is not indented after the last frame.
        return [line for line in lines[frames[-1] + 1 :] if not line.startswith(" ")][:1]
    return lines


def _plain(line: str) -> str:
    return _URN.sub("", _SUFFIX.sub("", _PREFIX.sub("", line))).strip()
