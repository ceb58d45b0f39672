"""What the workflows do, apart from running the checks: one comment on a pull request, one issue about drift."""
