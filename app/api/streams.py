"""Answers that are made in parts."""

from collections.abc import AsyncIterator, Mapping

from starlette.responses import Response, StreamingResponse

# Up to this size an answer is made as a whole: it has an ETag, and a fault half way is an error, not a text cut off.
_WHOLE_BYTES = 256 * 1024


async def whole_or_streamed(
    parts: AsyncIterator[bytes], media_type: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Return an answer as a whole where it is small, else one that is made while it is sent."""
    begun: list[bytes] = []
    size = 0
    async for part in parts:
        begun.append(part)
        size += len(part)
        if size > _WHOLE_BYTES:
            return StreamingResponse(_chain(begun, parts), headers=headers, media_type=media_type)
    return Response(b"".join(begun), headers=headers, media_type=media_type)


async def _chain(begun: list[bytes], rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    for part in begun:
        yield part
    begun.clear()
    async for part in rest:
        yield part
