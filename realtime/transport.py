"""Prepared frames, written straight to the sockets of Daphne: the one module that touches what others keep private.

Why: through the ASGI `send`, Daphne, Autobahn and Twisted spend fifty microseconds on a message that the kernel takes
in four (performance.md, sections 4 and 5). A frame is the same for every reader, so it is built once, and one `send(2)`
per reader is all that is left.

Everything used is looked for first (`missing`), and a test fails in clear words when a new Daphne, Autobahn or Twisted
has it no longer. Then, and under any other server, `wire_of` answers None and the ASGI `send` does the work, slower.
"""

import logging
from collections.abc import Iterable
from functools import cache
from typing import Any

log = logging.getLogger("hiroba.live")

EXTENSION = "hiroba.protocol"
"""Where `realtime.server` puts Daphne's protocol object into the scope."""

OPEN = 3
"""Autobahn's `STATE_OPEN`."""

PLAIN = {"twisted.internet.tcp", "twisted.internet.unix"}
"""Transports whose socket carries just what we write. TLS does not."""

_PROTOCOL = ("state", "STATE_OPEN", "_perMessageCompress", "transport")
_TRANSPORT = ("socket", "dataBuffer", "_tempDataBuffer", "_tempDataLen", "offset", "write", "TLS")


class Wire:
    """One open socket. `held` keeps `spray` off it: frames wait in front of it, or it is being closed."""

    __slots__ = ("held", "protocol", "send", "transport")

    def __init__(self, protocol: Any) -> None:
        self.protocol = protocol
        self.transport = protocol.transport
        self.send = self.transport.socket.send
        self.held = False

    @property
    def open(self) -> bool:
        return bool(self.protocol.state == OPEN)

    @property
    def waiting(self) -> int:
        """Bytes in the transport that the kernel has not taken yet."""
        transport = self.transport
        return int(len(transport.dataBuffer) - transport.offset + transport._tempDataLen)

    def write(self, data: bytes) -> bool:
        """Write now. False when that is not possible; then nothing was taken."""
        transport = self.transport
        if transport.dataBuffer or transport._tempDataBuffer:
            return False
        try:
            sent = self.send(data)
        except BlockingIOError:
            return False
        except OSError:
            return True  # the peer is gone, the transport finds out by itself
        if sent < len(data):
            transport.write(data[sent:])
        return True


def spray(data: bytes, wires: Iterable[Wire]) -> list[Wire]:
    """Write the same bytes to every wire; returns those that could not take them now. The loop that live delivery is
    made of: nothing is looked up, built or awaited per reader that a frame does not need.
    """
    late = []
    size = len(data)
    for wire in wires:
        transport = wire.transport
        if wire.held or transport.dataBuffer or transport._tempDataBuffer or wire.protocol.state != OPEN:
            late.append(wire)
            continue
        try:
            sent = wire.send(data)
        except BlockingIOError:
            late.append(wire)
            continue
        except OSError:
            continue
        if sent < size:
            transport.write(data[sent:])
    return late


def wire_of(scope: dict[str, Any]) -> Wire | None:
    """The wire of an accepted socket; None when the server has none that we know, or the client has gone again."""
    protocol = (scope.get("extensions") or {}).get(EXTENSION)
    if protocol is None or getattr(protocol, "state", None) != OPEN:
        return None
    if lacks := missing(protocol):
        _complain(", ".join(lacks))
        return None
    return Wire(protocol)


@cache
def _complain(lacks: str) -> None:
    log.warning("live delivery is slow: this server's sockets lack %s", lacks)


def missing(protocol: Any) -> list[str]:
    """What this protocol object lacks of what a wire needs; [] for the versions we know."""
    lacks = [f"protocol.{name}" for name in _PROTOCOL if not hasattr(protocol, name)]
    if lacks:
        return lacks
    transport = protocol.transport
    lacks = [f"transport.{name}" for name in _TRANSPORT if not hasattr(transport, name)]
    if lacks:
        return lacks
    facts = {
        "the number 3 for Autobahn's STATE_OPEN": protocol.STATE_OPEN == OPEN,
        "no compression": protocol._perMessageCompress is None,
        "a plain TCP or unix socket": type(transport).__module__ in PLAIN and not transport.TLS,
        "a list of bytes in transport._tempDataBuffer": isinstance(transport._tempDataBuffer, list),
        "bytes in transport.dataBuffer": isinstance(transport.dataBuffer, bytes),
        "a socket that does not block": transport.socket.gettimeout() == 0,
    }
    return [name for name, holds in facts.items() if not holds]


def text_frame(payload: bytes) -> bytes:
    """One unmasked, final text frame as servers send it (RFC 6455, section 5.2)."""
    size = len(payload)
    if size < 126:
        head = bytes((0x81, size))
    elif size < 1 << 16:
        head = b"\x81\x7e" + size.to_bytes(2, "big")
    else:
        head = b"\x81\x7f" + size.to_bytes(8, "big")
    return head + payload
