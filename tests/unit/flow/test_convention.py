"""The convention of commit messages: what is let through, and the reason where not."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.commits.convention import LENGTH, fault, types
from ops.paths import ROOT

TYPES = types(ROOT)


def test_the_types_are_those_of_the_changelog() -> None:
    assert " ".join(sorted(TYPES)) == "build chore ci docs feat fix perf refactor revert style test"


@pytest.mark.parametrize(
    "message",
    [
        "fix: a stopped server is told of",
        "feat(app)!: bounds need a version",
        "docs(0-a): §1, “quoted”",
        "fix: one\n\nA body: with colons.\n\nBREAKING CHANGE: the old route is gone",
        "fix: one\n\nBREAKING-CHANGE: the old route is gone\n",
        "fix: one\n\nBreaking changes of others are no footer of ours.",
        f"fix: {'x' * (LENGTH - 5)}",
    ],
)
def test_what_keeps_the_convention_is_let_through(message: str) -> None:
    assert fault(message, TYPES) is None


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ("", "is empty"),
        ("\n\nfix: late", "is empty"),
        ("Fixed the thing", "does not begin with a type and a colon"),
        ("fix the: thing", "does not begin with a type and a colon"),
        ("Fix: the thing", "'Fix' is no type; allowed are docs, feat"),
        ("feature(app): the thing", "'feature' is no type"),
        ("fix(): the thing", "the scope () is not lower-case"),
        ("fix(The App): the thing", "the scope (The App) is not lower-case"),
        ("fix(app):the thing", "one space stands after the colon"),
        ("fix(app):  the thing", "one space stands after the colon"),
        ("fix(app): ", "nothing stands after the colon"),
        ("fix(app): the thing.", "ends with a full stop"),
        (f"fix: {'x' * (LENGTH - 4)}", f"has {LENGTH + 1} characters, {LENGTH} are allowed"),
        ("fixup! fix: the thing", "waits to be squashed"),
        ("fix: one\nmore of it", "the second line is not empty"),
        ("fix: one\n\nBreaking change: gone", "'Breaking change: gone' is not read as a breaking change"),
        ("fix: one\n\nBREAKING CHANGE:gone", "is not read as a breaking change"),
        ("fix: one\n\nBREAKING CHANGE", "is not read as a breaking change"),
        ("fix: one\n\nBREAKING CHANGES: gone", "is not read as a breaking change"),
    ],
)
def test_what_breaks_it_is_refused_with_the_reason(message: str, why: str) -> None:
    found = fault(message, TYPES)
    assert found is not None
    assert why in found
    assert "\n" not in found


_SUBJECTS = st.from_regex(r"[^\s.!]([^\n\r\v\f\x00]{0,40}[^\s.])?", fullmatch=True).filter(
    lambda text: text.isprintable() and len(text.splitlines()) == 1
)


@given(st.sampled_from(TYPES), st.none() | st.from_regex(r"[a-z0-9][a-z0-9-]{0,9}", fullmatch=True), _SUBJECTS)
def test_any_header_of_the_form_is_let_through(kind: str, scope: str | None, subject: str) -> None:
    assert fault(f"{kind}{f'({scope})' if scope else ''}: {subject}", TYPES) is None


@given(st.text(max_size=60))
def test_no_text_is_let_through_that_has_not_the_form(text: str) -> None:
    header = text.split("\n", maxsplit=1)[0]
    if not re.match(rf"({'|'.join(TYPES)})(\([a-z0-9-]+\))?!?: \S", header):
        assert fault(text, TYPES) is not None
