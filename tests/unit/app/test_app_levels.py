"""The in-process copy, entries, and which master to believe."""

import pytest

from app.bounds.entry import BadEntryError, Entry
from app.bounds.local import LocalCopy
from app.bounds.sentinel import MasterView


def _entry(catalogo_id: int, version: int = 1) -> Entry:
    return Entry(catalogo_id, version, b"{}")


class Clock:
    """A clock that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def test_copy_is_fresh_then_stale_then_gone() -> None:
    clock = Clock()
    copy = LocalCopy(size=10, ttl_s=1, stale_s=60, clock=clock)
    copy.put(_entry(1))
    assert copy.fresh(1) == _entry(1)
    clock.now = 1.0
    assert copy.fresh(1) is None
    assert copy.stale(1) == _entry(1)
    clock.now = 60.0
    assert copy.stale(1) is None


def test_copy_off_still_keeps_an_answer_of_last_resort() -> None:
    clock = Clock()
    copy = LocalCopy(size=10, ttl_s=0, stale_s=60, clock=clock)
    copy.put(_entry(1))
    assert copy.fresh(1) is None
    assert copy.stale(1) == _entry(1)


def test_copy_is_bounded_and_the_least_recently_used_go_first() -> None:
    copy = LocalCopy(size=3, ttl_s=10, stale_s=10)
    for identity in (1, 2, 3):
        copy.put(_entry(identity))
    assert copy.fresh(1)
    copy.put(_entry(4))
    assert len(copy) == 3
    assert copy.fresh(2) is None
    assert copy.fresh(1)


def test_copy_keeps_the_newer_version() -> None:
    copy = LocalCopy(size=3, ttl_s=10, stale_s=10)
    assert copy.put(_entry(1, 5)).version == 5
    assert copy.put(_entry(1, 4)).version == 5
    assert copy.fresh(1) == _entry(1, 5)
    assert copy.put(_entry(1, 6)).version == 6
    copy.drop(1)
    copy.drop(1)
    assert copy.fresh(1) is None


def test_entry_round_trip() -> None:
    entry = Entry.make(catalogo_id=3, version=9, bbox=(1, 2, 3, 4), centroid=(2, 3), updated_at=None, geometries=2)
    assert Entry.parse(3, entry.body, b"9") == entry


@pytest.mark.parametrize(
    ("data", "version"),
    [
        (b"", b"1"),
        (b"[]", b"1"),
        (b"\xff", b"1"),
        (b'{"catalogo_id":4,"bbox":null}', b"1"),
        (b'{"catalogo_id":3}', b"1"),
        (b'{"catalogo_id":3,"bbox":null}', b"x"),
    ],
)
def test_what_is_no_entry_of_this_id_is_refused(data: bytes, version: bytes) -> None:
    with pytest.raises(BadEntryError, match="bounds:3"):
        Entry.parse(3, data, version)


A, B, C = ("a", 1), ("b", 1), ("c", 1)
OLD, NEW = ("old", 6379), ("new", 6379)


def test_a_greater_epoch_is_believed_at_once_and_an_older_one_never_leads_back() -> None:
    view = MasterView(3)
    assert view.heard(A, 1, OLD)
    assert not view.heard(B, 1, OLD)
    assert view.heard(B, 2, NEW)
    assert not view.heard(A, 1, OLD)
    assert view.current == (2, NEW)
    assert not view.heard(A, 2, NEW)


def test_sentinels_made_anew_are_believed_when_most_agree() -> None:
    view = MasterView(3)
    for sentinel in (A, B, C):
        view.heard(sentinel, 7, OLD)
    assert not view.heard(A, 0, NEW)
    assert view.heard(B, 0, NEW)
    assert view.current == (0, NEW)


def test_a_silent_sentinel_does_not_count() -> None:
    view = MasterView(3)
    for sentinel in (A, B, C):
        view.heard(sentinel, 7, OLD)
    view.heard(A, 0, NEW)
    view.lost(A)
    assert not view.heard(B, 0, NEW)
    assert view.current == (7, OLD)


def test_a_new_epoch_with_the_same_master_is_no_change() -> None:
    view = MasterView(1)
    assert view.heard(A, 1, OLD)
    assert not view.heard(A, 2, OLD)
    assert view.current == (2, OLD)
