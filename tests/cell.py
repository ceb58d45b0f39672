"""The cell, under its former name."""

from ops.cell import MIGRATIONS, Cell, cell

__all__ = ["MIGRATIONS", "Cell", "cell"]
