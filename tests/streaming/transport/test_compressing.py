from __future__ import annotations

import gzip

from streaming.transport.compressing import compressed
from streaming.wire.messages import Request

BODY = b'{"event":"cases.case_shared"}' * 100


def request(*, compress: bool) -> Request:
    return Request(
        method="POST", url="https://siem.example/", headers={"Accept": "*/*"}, body=BODY, gzip=compress
    )


def test_a_body_is_compressed_and_the_headers_say_so() -> None:
    made = compressed(request(compress=True))

    assert gzip.decompress(made.body) == BODY
    assert len(made.body) < len(BODY) / 10
    assert made.headers == {"Accept": "*/*", "Content-Encoding": "gzip"}


def test_what_was_compressed_once_is_not_compressed_again() -> None:
    made = compressed(request(compress=True))

    assert compressed(made) == made


def test_a_body_stays_as_it_is_where_nobody_asked() -> None:
    assert compressed(request(compress=False)) == request(compress=False)


def test_the_same_body_becomes_the_same_bytes() -> None:
    # A repeat that differs would not be known as one by an intake that compares bodies.
    assert compressed(request(compress=True)).body == compressed(request(compress=True)).body
