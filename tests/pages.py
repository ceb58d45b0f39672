"""What a reader of the pages would type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from ops.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

RUNBOOKS = ROOT / "docs" / "runbooks"
SHELL = "sh"
"""The language of blocks that are typed."""


def blocks(page: Path) -> list[tuple[str, str]]:
    """Language and text of each fenced block, also of those inside lists."""
    tokens = MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8"))
    return [(token.info.strip(), token.content) for token in tokens if token.type == "fence"]


def commands(page: Path) -> list[str]:
    """Every command of its shell blocks, in their order; lines that end with a backslash are one."""
    texts = [text for language, text in blocks(page) if language == SHELL]
    return [line for text in texts for line in text.replace("\\\n", " ").splitlines() if line.strip()]
