"""A client of Prometheus that is never waited for long, and believes no answer that it does not understand."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 -- pydantic needs it when the models are built
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from app.deadline import DeadlineExceededError, within

if TYPE_CHECKING:
    from collections.abc import Mapping

DEADLINE_S = 2.0
MAX_BYTES = 2 * 1024 * 1024
_KEPT = 4
_OK = 200

T = TypeVar("T")
Point = tuple[float, float]


class AwayError(Exception):
    """Prometheus gave no answer, or none that can be used; the text is for the log."""


class Sample(BaseModel):
    """A series and its value at one time, as seconds and value."""

    metric: dict[str, str]
    value: Point


class Line(BaseModel):
    """A series and its values, oldest first."""

    metric: dict[str, str]
    values: list[Point]


class FiringAlert(BaseModel):
    """An alert whose condition holds: `pending` until it has done so for long enough."""

    labels: dict[str, str]
    annotations: dict[str, str]
    state: Literal["pending", "firing"]
    activeAt: datetime  # noqa: N815 -- Prometheus' own name


class _Vector(BaseModel):
    resultType: Literal["vector"]  # noqa: N815 -- Prometheus' own name
    result: list[Sample]


class _Matrix(BaseModel):
    resultType: Literal["matrix"]  # noqa: N815 -- Prometheus' own name
    result: list[Line]


class _Alerts(BaseModel):
    alerts: list[FiringAlert]


class _Answer(BaseModel, Generic[T]):
    status: Literal["success"]
    data: T


class Prometheus:
    """The Prometheus at an address.

    Every question is answered or given up (AwayError) within `DEADLINE_S`; an answer larger than `MAX_BYTES` is not
    read to its end. Connections are shared.
    """

    def __init__(self, url: str) -> None:
        """Nothing is connected before the first question."""
        self._client = httpx.AsyncClient(
            base_url=url,
            timeout=DEADLINE_S,
            # No limit, so that no question waits for another's connection: httpcore gives a place in its pool to one
            # that is cancelled while it waits, and does not take it back. Memo bounds how many are asked at once.
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=_KEPT),
            follow_redirects=False,
            # Neither a proxy nor a login of the environment is meant for it.
            trust_env=False,
        )

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def instant(self, query: str) -> list[Sample]:
        """Return what a query gives now."""
        return (await self._ask("/api/v1/query", {"query": query}, _Answer[_Vector])).result

    async def recent(self, selector: str, seconds: int) -> list[Line]:
        """Return the samples of the last seconds as they were taken, with their own times."""
        return (await self._ask("/api/v1/query", {"query": f"{selector}[{seconds}s]"}, _Answer[_Matrix])).result

    async def span(self, query: str, *, start: int, end: int, step: int) -> list[Line]:
        """Return what a query gave at each step from `start` to `end`, in seconds of the epoch."""
        parameters = {"query": query, "start": str(start), "end": str(end), "step": str(step)}
        return (await self._ask("/api/v1/query_range", parameters, _Answer[_Matrix])).result

    async def alerts(self) -> list[FiringAlert]:
        """Return the alerts whose condition holds."""
        return (await self._ask("/api/v1/alerts", {}, _Answer[_Alerts])).alerts

    async def _ask(self, path: str, parameters: Mapping[str, str], model: type[_Answer[T]]) -> T:
        try:
            body = await within(DEADLINE_S, self._read(path, parameters))
            return model.model_validate_json(body).data
        except DeadlineExceededError as error:
            raise AwayError(f"{path}: {error}") from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
            raise AwayError(f"{path}: {type(error).__name__}: {error}") from None
        except ValidationError as error:
            raise AwayError(f"{path}: the answer is not understood ({error.error_count()} faults)") from None

    async def _read(self, path: str, parameters: Mapping[str, str]) -> bytes:
        async with self._client.stream("GET", path, params=parameters) as answer:
            if answer.status_code != _OK:
                raise AwayError(f"{path}: HTTP {answer.status_code}")
            body = bytearray()
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > MAX_BYTES:
                    raise AwayError(f"{path}: the answer is longer than {MAX_BYTES} bytes")
            return bytes(body)
