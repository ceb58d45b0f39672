"""The one exception that ingest raises for faults a person can mend."""


class IngestError(Exception):
    """A file, a size or a database that cannot be used: one clear line, and nothing was stored."""
