"""Small pictures made of nothing, for tests that upload one."""

from struct import pack
from zlib import compress, crc32


def png(*, width: int = 40, height: int = 30, colour: bytes = b"\x9a\x6b\x3f") -> bytes:
    """One colour, as PNG bytes."""
    rows = (b"\x00" + colour * width) * height
    head = pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", compress(rows)) + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return pack(">I", len(data)) + name + data + pack(">I", crc32(name + data))
