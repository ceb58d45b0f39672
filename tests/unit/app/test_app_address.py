"""Two processes on one address: who gets new connections when the first is about to end."""

import contextlib
import socket
from collections.abc import Iterator

import pytest

from app.address import leave_to_successor, listen
from app.settings import Settings


def _settings(port: int, *, shared: bool = True) -> Settings:
    values: dict[str, object] = {"postgres_host": "h", "sentinels": "s:1", "postgres_password": "x"}
    return Settings.model_validate({**values, "redis_password": "x", "port": port, "reuse_port": shared})


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    found = listen(_settings(port))
    assert found is not None
    with found[0] as listener:
        listener.listen(200)
        listener.settimeout(0)
        yield listener


def _accepted(listener: socket.socket) -> int:
    count = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            listener.accept()[0].close()
            count += 1
    return count


def _connect(port: int, count: int) -> None:
    for _ in range(count):
        socket.create_connection(("127.0.0.1", port), timeout=5).close()


def test_an_address_is_not_shared_unless_that_is_set(port: int) -> None:
    assert listen(_settings(port, shared=False)) is None


def test_an_address_that_somebody_does_not_share_is_refused(port: int) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", port))
        holder.listen()
        with pytest.raises(OSError, match="in use"):
            listen(_settings(port))


def test_the_second_gets_all_new_connections_before_the_first_ends(port: int) -> None:
    with _listening(port) as first, _listening(port) as second:
        _connect(port, 60)
        shares = (_accepted(first), _accepted(second))
        assert sum(shares) == 60
        assert min(shares) > 0
        leave_to_successor(first)
        _connect(port, 60)
        assert (_accepted(first), _accepted(second)) == (0, 60)
        first.close()
        # The second is the first now, and takes over to a third in the same way.
        with _listening(port) as third:
            leave_to_successor(second)
            _connect(port, 60)
            assert (_accepted(second), _accepted(third)) == (0, 60)


def test_alone_it_keeps_its_connections(port: int) -> None:
    with _listening(port) as first:
        leave_to_successor(first)
        _connect(port, 20)
        assert _accepted(first) == 20
