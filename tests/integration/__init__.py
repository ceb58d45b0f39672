"""Parts together, in containers."""
