"""Smaller answers. Pages of visitors are compressed once per version and well (`pagecache`), all others quickly.

On BREACH: who can make a signed-in browser ask for pages and watch the sizes of the answers can guess a secret that
stands in them next to words of the attacker's choosing. The one such secret of ours, the token of forms, is masked
anew for every answer by Django; and every quick answer is longer by a random number of bytes, as Django's own
`GZipMiddleware` does it.
"""

import secrets
import zlib

import brotli
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from community.config.middleware import GetResponse
from community.core import pages
from community.core.edge.ready import QUICK, Assembled, Block, Piece

SMALL = 1_000  # bytes; less is not worth it
KINDS = ("text/html", "application/json", "application/problem+json", "application/atom+xml", "application/xml")
# The front page of the demo, 59 kB, on one core of a small machine: brotli 5 takes 0.7 ms and leaves 9.2 kB, gzip 6
# 0.7 ms and 10.0 kB; brotli 9 takes 14 ms for another 0.2 kB. Quick: gzip 1 takes 0.2 ms and leaves 11.8 kB.
BROTLI, GZIP = 5, 6
PADDING = 100  # bytes, at most


def brotlied(body: bytes) -> bytes:
    return brotli.compress(body, mode=brotli.MODE_TEXT, quality=BROTLI)


def gzipped(body: bytes) -> bytes:
    return zlib.compress(body, GZIP, wbits=31)


def quickly(*pieces: Piece) -> bytes:
    """gzip with a file name of random length in its header (RFC 1952), which nobody reads. Blocks come compressed: what
    follows them refers to nothing before (`Z_FULL_FLUSH`), so they may stand between.
    """
    name = b"a" * secrets.randbelow(PADDING + 1)
    out = [b"\x1f\x8b\x08\x08\0\0\0\0\x04\xff", name, b"\0"]
    press, crc, size = zlib.compressobj(QUICK, zlib.DEFLATED, -15), 0, 0
    for piece in pieces:
        plain = piece.plain if isinstance(piece, Block) else piece
        crc, size = zlib.crc32(plain, crc), size + len(plain)
        if isinstance(piece, Block):
            out += [press.flush(zlib.Z_FULL_FLUSH), piece.deflated]
        else:
            out.append(press.compress(plain))
    out += [press.flush(), crc.to_bytes(4, "little"), (size & 0xFFFFFFFF).to_bytes(4, "little")]
    return b"".join(out)


class CompressionMiddleware:
    """For pages of members and answers of the API. A page that will be kept goes out as it is: `pagecache` does it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not _worth_it(response) or pages.is_public(request):
            return response
        assert isinstance(response, HttpResponse)
        patch_vary_headers(response, ["Accept-Encoding"])
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            pieces = response.pieces if isinstance(response, Assembled) else [response.content]
            response.content = quickly(*pieces)
            response.headers["Content-Encoding"] = "gzip"
            response.headers["Content-Length"] = str(len(response.content))
        return response


def _worth_it(response: HttpResponseBase) -> bool:
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    plain = isinstance(response, HttpResponse) and not response.has_header("Content-Encoding")
    return plain and kind in KINDS and len(response.content) >= SMALL  # type: ignore[attr-defined]
