"""Bounds of catalogue entries: in-process copy, then Redis through Sentinel, then Postgres."""

from app.bounds.cache import RedisBoundsCache
from app.bounds.entry import Answer, Entry

__all__ = ["Answer", "Entry", "RedisBoundsCache"]
