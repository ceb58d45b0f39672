"""The `mundo` command: thin, over the Pulumi Automation API."""
