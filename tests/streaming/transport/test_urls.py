from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.transport.urls import parse_url
from streaming.wire.messages import AddressRefused
from tests.streaming.transport.corpus import Case, cases


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("https://siem.example.com", "https://siem.example.com/"),
        ("HTTPS://SIEM.Example.COM:443/A?b=c", "https://siem.example.com/A?b=c"),
        ("https://siem.example.com.:8088/x", "https://siem.example.com:8088/x"),
        ("https://bücher.example/x", "https://xn--bcher-kva.example/x"),
        ("https://[2606:4700:4700:0::1111]/", "https://[2606:4700:4700::1111]/"),
        ("https://8.8.8.8:9200?x=1", "https://8.8.8.8:9200/?x=1"),
    ],
)
def test_an_address_has_one_written_form(url: str, written: str) -> None:
    parsed = parse_url(url)

    assert str(parsed) == written
    assert str(parse_url(written)) == written


@pytest.mark.parametrize(
    "url", ["http://siem.example.com/", "siem.example.com", "//siem.example.com/", "ftp://x.example/"]
)
def test_an_address_without_https_is_told_so(url: str) -> None:
    with pytest.raises(AddressRefused, match="Start the address with https://") as refusal:
        parse_url(url)

    assert refusal.value.code == "url_not_https"


@pytest.mark.parametrize("case", [case for case in cases() if case.allowed], ids=str)
def test_an_allowed_address_of_the_corpus_is_read(case: Case) -> None:
    assert parse_url(case.url).host.isascii()


@pytest.mark.parametrize(
    "host", ["xn--strae-oqa.example", "straße.example", "a" * 64 + ".example", "a..example", "x_y.example"]
)
def test_a_name_that_two_standards_read_differently_or_none_allows_is_refused(host: str) -> None:
    with pytest.raises(AddressRefused, match="is not a public host name"):
        parse_url(f"https://{host}/")


def test_an_endless_address_is_refused() -> None:
    with pytest.raises(AddressRefused, match="longer than 2000"):
        parse_url("https://siem.example.com/" + "a" * 2000)


@given(st.text(alphabet=string.printable + "１。ⓛ‚\u200b\x00ß", max_size=40))
def test_whatever_is_read_reads_the_same_again(rest: str) -> None:
    try:
        parsed = parse_url(f"https://{rest}")
    except AddressRefused:
        return

    assert parse_url(str(parsed)) == parsed
    assert str(parsed).isascii()
