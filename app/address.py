"""The address that the service listens on, alone or, for a moment, together with its successor."""

from __future__ import annotations

import contextlib
import ctypes
import socket
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.settings import Settings

_SO_ATTACH_REUSEPORT_CBPF = 51
_RETURN = 0x06  # BPF_RET | BPF_K


def listen(settings: Settings) -> list[socket.socket] | None:
    """Take the address together with others that do, where the settings say so; None leaves it to the server.

    Raises OSError when it cannot be had.
    """
    if not settings.reuse_port:
        return None
    family, kind, protocol, _, address = socket.getaddrinfo(
        settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    return [listener]


def leave_to_successor(listener: socket.socket) -> None:
    """Let the kernel give new connections to the second of the processes that share an address, if there is one.

    Closing a listener resets the connections that wait in its queue, and the kernel goes on filling the queues of all
    who share the address until the very end. This is for the first: it began to listen before its successor did.
    """
    # A program of one instruction: return 1, the place of the second socket; the kernel ignores a place that is empty.
    program = ctypes.create_string_buffer(struct.pack("HBBI", _RETURN, 0, 0, 1))
    filters = struct.pack("HP", 1, ctypes.addressof(program))
    with contextlib.suppress(OSError):  # not on this kernel
        listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_REUSEPORT_CBPF, filters)
