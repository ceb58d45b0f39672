"""What a request for the map may get wrong."""

from __future__ import annotations

from app.errors import InvalidValueError, ServiceError


class FilterError(InvalidValueError):
    """A filter cannot be understood, or asks for what is not supported."""

    def __init__(self, reason: str) -> None:
        """`reason` completes "query.filter: "."""
        super().__init__(f"query.filter: {reason}")


class UnknownFeatureError(ServiceError):
    """There is no such feature in the collection."""

    status = 404

    def __init__(self, collection: str, feature: int) -> None:
        """Name both."""
        super().__init__(f"the collection {collection} has no feature {feature}")
