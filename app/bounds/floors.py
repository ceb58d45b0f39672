"""What this process knows to be outdated: a floor under the version of each entry that changed lately."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.bounds.entry import Entry

_MOST = 100_000


class Floors:
    """The versions of the latest changes by entry: what is older comes from a slow loader or from a replica behind.

    Versions never go back, so a floor is never wrong; the oldest go when there are more than `most` (some 15 MB), long
    after any load that began before them has ended.
    """

    def __init__(self, most: int = _MOST) -> None:
        """No floor yet."""
        self._most = most
        self._versions: OrderedDict[int, int] = OrderedDict()

    def __len__(self) -> int:
        return len(self._versions)

    def put(self, catalogo_id: int, version: int) -> None:
        """Take in that the entry has had this version."""
        self._versions[catalogo_id] = max(version, self._versions.get(catalogo_id, version))
        self._versions.move_to_end(catalogo_id)
        if len(self._versions) > self._most:
            self._versions.popitem(last=False)

    def version(self, catalogo_id: int) -> int:
        """Return the version that the entry has had at least, 0 when none is known."""
        return self._versions.get(catalogo_id, 0)

    def allow(self, entry: Entry) -> bool:
        """Whether nothing newer than the entry is known."""
        return entry.version >= self._versions.get(entry.catalogo_id, 0)

    def clear(self) -> None:
        """Forget all of them."""
        self._versions.clear()
