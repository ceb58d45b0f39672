"""The README's picture: the running platform as the terminal shows it."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

from rich.console import Console

from ops import summary

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import docker

_COLUMNS = 118
_FONT_FACE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def draw(engine: docker.DockerClient, stack: str, outputs: Mapping[str, Any], target: Path) -> None:
    """Writes `target` (SVG): every container of `stack` with its health, then the addresses.

    The picture refers to nothing outside itself: no font is fetched by whoever looks at it.
    """
    console = Console(record=True, width=_COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(summary.containers(engine, stack))
    summary.addresses(console, outputs, stack)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(_FONT_FACE.sub("", console.export_svg(title="make status", unique_id="mundo")) + "\n")
