"""`python -m ops`: the `mundo` command."""

from ops.cli import app

app(prog_name="mundo")
