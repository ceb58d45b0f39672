"""The image of the peer: the project's PostgreSQL and one Debian package."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import extra_image
from images import builder

if TYPE_CHECKING:
    from collections.abc import Callable

_FOLDER = Path(__file__).resolve().parent


def ensure(say: Callable[[str], None]) -> str:
    """Builds the image unless the engine has it; returns its tag.

    Raises:
        ImageError: it does not build; one line says why.
    """
    return extra_image.ensure("partman", _FOLDER, builder.ensure("postgres", say), say)
