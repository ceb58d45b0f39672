"""Where Prometheus answers in a stack: for those whom it scrapes and who ask it too."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from components.context import StackContext

HOST_NUMBER = 40
PORT = 9090


def url(context: StackContext) -> str:
    """Its address on the stack's network."""
    return f"http://{context.address(HOST_NUMBER)}:{PORT}"
