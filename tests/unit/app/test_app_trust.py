"""What the bounds cache trusts: copies, floors under versions, the pulse of the followers, pages of changes."""

from app.bounds.changes import page_of
from app.bounds.entry import Entry
from app.bounds.floors import Floors
from app.bounds.local import LocalCopy
from app.bounds.pulse import Pulse


def _entry(catalogo_id: int, version: int = 1) -> Entry:
    return Entry(catalogo_id, version, b"{}")


class Clock:
    """A clock that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def test_a_newer_version_is_taken_over_only_where_an_older_one_is_held() -> None:
    clock = Clock()
    copy = LocalCopy(size=10, ttl_s=10, stale_s=60, clock=clock)
    copy.renew(_entry(1, 5), known_at=0)
    assert copy.get(1) is None
    copy.put(_entry(1, 5))
    clock.now = 9.0
    copy.renew(_entry(1, 4), known_at=9)
    assert copy.fresh(1) == _entry(1, 5)
    copy.renew(_entry(1, 6), known_at=9)
    assert copy.fresh(1) == _entry(1, 6)
    clock.now = 10.0
    assert copy.fresh(1) is None, "a change does not make the time to live begin anew"
    copy.clear()
    assert copy.stale(1) is None


def test_times_to_live_are_spread() -> None:
    copy = LocalCopy(size=1000, ttl_s=100, stale_s=100, jitter=0.1, clock=Clock())
    for identity in range(200):
        copy.put(_entry(identity))
    ends = [kept.fresh_until for identity in range(200) if (kept := copy.get(identity))]
    assert 90 <= min(ends) < 92
    assert 98 < max(ends) <= 100


def test_when_postgres_said_so_is_remembered_beside_a_copy_from_redis() -> None:
    copy = LocalCopy(size=10, ttl_s=10, stale_s=10, clock=Clock())
    copy.put(_entry(1, 5), known_at=3)
    copy.put(_entry(1, 5))
    kept = copy.get(1)
    assert kept
    assert kept.known_at == 3


def test_a_floor_is_never_lowered() -> None:
    floors = Floors()
    assert floors.allow(_entry(1, 1))
    floors.put(1, 7)
    floors.put(1, 5)
    assert floors.version(1) == 7
    assert not floors.allow(_entry(1, 6))
    assert floors.allow(_entry(1, 7))
    assert floors.allow(_entry(2, 1))
    floors.clear()
    assert floors.allow(_entry(1, 6))


def test_the_oldest_floors_go_first() -> None:
    floors = Floors(most=2)
    for identity in (1, 2, 1, 3):
        floors.put(identity, 9)
    assert len(floors) == 2
    assert [floors.version(identity) for identity in (1, 2, 3)] == [9, 0, 9]


def test_a_pulse_is_felt_for_two_seconds() -> None:
    assert not Pulse().well(0)
    assert Pulse(seen_at=10).well(11.9)
    assert not Pulse(seen_at=10).well(12)


def test_an_entry_without_a_version_is_known_by_its_text() -> None:
    one, other = Entry(1, 0, b'{"bbox":null}'), Entry(1, 0, b'{"bbox":[1,2,3,4]}')
    assert one.etag == Entry(1, 0, one.body).etag != other.etag
    assert one.etag.startswith(b'"t')
    assert Entry(1, 12, b"").etag == b'"v12"'


def _row(seq: int | None, **values: object) -> dict[str, object]:
    names = ("told_version", "catalogo_id", "version", "min_lon", "min_lat", "max_lon", "max_lat", "centroid_lon")
    row = dict.fromkeys((*names, "centroid_lat", "geom_count", "updated_at", "changed_at"))
    return row | {"seq": seq, "newest": 9} | values


def test_a_page_tells_what_is_now_and_never_goes_back() -> None:
    page = page_of([_row(None)], after=4)
    assert (page.changes, page.last, page.newest, page.full) == ([], 4, 9, False)
    assert page_of([_row(None, newest=None)], after=0).newest == 0
    rows = [
        _row(5, catalogo_id=1, told_version=50, version=52, geom_count=0),
        _row(7, catalogo_id=2, told_version=51),
        _row(9, catalogo_id=1, told_version=52, version=52, geom_count=0),
    ]
    page = page_of(rows, after=4)
    assert [(one.catalogo_id, one.version, one.entry is None) for one in page.changes] == [
        (1, 52, False),
        (2, 51, True),
        (1, 52, False),
    ]
    assert page.last == 9
