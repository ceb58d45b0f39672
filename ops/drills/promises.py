"""What one run of a drill promised, and whether it held."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(kw_only=True)
class Promises:
    """The promises of one run.

    Attributes:
        notes: facts worth a line.
        held: promises that were kept.
        broken: promises that were not, with what was found.
    """

    notes: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Keeps a fact."""
        self.notes.append(text)

    def check(self, promise: str, kept: bool, found: object = "") -> None:  # noqa: FBT001 - reads as a sentence
        """Counts one look at a promise."""
        if kept:
            self.held.append(promise)
        else:
            self.broken.append(f"{promise}: {found}" if str(found) else promise)
