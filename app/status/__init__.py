"""How the platform keeps its promises, as Prometheus knows it, for the page `/status` and whoever asks like it."""

from app.status.board import Board

__all__ = ["Board"]
