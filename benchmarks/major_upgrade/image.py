"""The project's PostgreSQL image with the next major version, from the next Debian."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks import extra_image
from images import builder
from images.base import build as base_image

if TYPE_CHECKING:
    from collections.abc import Callable

POSTGRES: Final = 18
_FOLDER = Path(__file__).resolve().parent


def current(say: Callable[[str], None]) -> str:
    """Builds the project's own image unless the engine has it; returns its tag.

    Raises:
        ImageError: it does not build; one line says why.
    """
    return builder.ensure("postgres", say)


def ensure(say: Callable[[str], None]) -> str:
    """Builds the image of the next version unless the engine has it; returns its tag.

    Raises:
        ImageError: it does not build; one line says why.
    """
    base = extra_image.ensure("next-base", _FOLDER, base_image.ensure(say), say)
    return builder.ensure("postgres", say, base=base, arguments={"POSTGRES": str(POSTGRES)})
