"""What an update would do, for a reviewer: read from the engine's own preview, written as Markdown."""
