"""Answers that are not kept are compressed quickly; what is kept, or small, or compressed already, is left alone."""

import gzip
import zlib
from typing import Any

import brotli
import pytest
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory

from community.config.compression import CompressionMiddleware, brotlied, gzipped, quickly
from community.core import pages
from community.core.edge.ready import Assembled, Block

WORDS = "いろはにほへと " * 400


def answer_to(response: HttpResponseBase, accepted: str = "gzip, br", **scope: Any) -> HttpResponseBase:
    request = RequestFactory().get("/", headers={"accept-encoding": accepted})
    request.scope = scope  # type: ignore[attr-defined]
    return CompressionMiddleware(lambda _request: response)(request)


@pytest.mark.parametrize("make", [HttpResponse, lambda words: JsonResponse({"words": words})])
def test_pages_and_json_are_compressed(make: Any) -> None:
    whole = make(WORDS).content
    response = answer_to(make(WORDS))
    assert response["Content-Encoding"] == "gzip"
    assert response["Vary"] == "Accept-Encoding"
    assert response["Content-Length"] == str(len(response.content))  # type: ignore[attr-defined]
    assert gzip.decompress(response.content) == whole  # type: ignore[attr-defined]
    assert len(response.content) < len(whole) / 10  # type: ignore[attr-defined]


def test_who_does_not_take_it_gets_it_whole_and_no_cache_mixes_the_two_up() -> None:
    response = answer_to(HttpResponse(WORDS), accepted="br")
    assert not response.has_header("Content-Encoding")
    assert response["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "response",
    [
        HttpResponse("short"),
        HttpResponse(WORDS, content_type="image/webp"),
        HttpResponse(WORDS, headers={"Content-Encoding": "br"}),
        StreamingHttpResponse([WORDS]),
    ],
)
def test_what_would_gain_nothing_is_left_alone(response: HttpResponseBase) -> None:
    before = dict(response.items())
    assert dict(answer_to(response).items()) == before


def test_a_page_that_will_be_kept_is_left_to_the_cache() -> None:
    response = answer_to(HttpResponse(WORDS), **{pages.SLOT: pages.Page(shows={"site.1"})})
    assert not response.has_header("Content-Encoding")
    assert answer_to(HttpResponse(WORDS), **{pages.SLOT: pages.Page()})["Content-Encoding"] == "gzip"


def test_the_length_of_a_quick_answer_tells_nothing_exact() -> None:
    """BREACH: a byte more or less, which a guess makes, drowns in up to a hundred by chance."""
    lengths = {len(quickly(WORDS.encode())) for _time in range(200)}
    assert max(lengths) - min(lengths) > 50
    assert len(lengths) > 30


def test_pieces_that_were_compressed_before_stand_between_others() -> None:
    block, other = Block(WORDS.encode()), Block(memoryview(b"x" * 70_000))
    for pieces in (
        [block],
        [b"a", block],
        [block, block],
        [WORDS.encode(), block, WORDS.encode(), other, b"", b"z"],
        [b""],
    ):
        whole = Assembled(pieces).content
        for _time in range(2):
            assert gzip.decompress(quickly(*pieces)) == whole
    assert gzip.decompress(answer_to(Assembled([b"<p>", block])).content) == b"<p>" + block.plain  # type: ignore[attr-defined]


def test_what_is_made_once_is_made_well() -> None:
    whole = WORDS.encode()
    assert brotli.decompress(brotlied(whole)) == whole
    assert zlib.decompress(gzipped(whole), wbits=31) == whole
