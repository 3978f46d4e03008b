"""What each HTTP status means, line by line."""

from __future__ import annotations

from datetime import timedelta

import pytest

from streaming.wire.judging import judge_error, judge_status
from streaming.wire.messages import AddressRefused, TransportError
from streaming.wire.outcome import Outcome
from tests.streaming.wire.answers import TOKEN, exchange, response

DELIVERED, RETRY, THROTTLED, SPLIT, REJECTED = (
    Outcome.DELIVERED,
    Outcome.RETRY,
    Outcome.THROTTLED,
    Outcome.SPLIT,
    Outcome.REJECTED,
)
CREDENTIALS, SETTINGS = Outcome.HELD_FOR_CREDENTIALS, Outcome.HELD_FOR_SETTINGS

TABLE = {
    DELIVERED: [200, 201, 202, 203, 204, 205, 206, 208, 226],
    CREDENTIALS: [401, 403, 407],
    SETTINGS: [300, 301, 302, 303, 304, 307, 308, 402, 404, 405, 406, 410, 411, 415, 421, 426, 451, 501, 505],
    THROTTLED: [429],
    SPLIT: [413, 414, 431],
    REJECTED: [400, 422],
    RETRY: [
        100,
        101,
        103,
        207,
        408,
        409,
        418,
        423,
        424,
        425,
        444,
        499,
        500,
        502,
        503,
        504,
        507,
        508,
        509,
        520,
        522,
        529,
        530,
        598,
        599,
        600,
        999,
    ],
}
IN_THE_END_SETTINGS = {207, 409, 418, 444, 499, 600, 999}


@pytest.mark.parametrize(
    ("status", "outcome"), [(status, outcome) for outcome, statuses in TABLE.items() for status in statuses]
)
def test_a_status_means_what_the_table_says(status: int, outcome: Outcome) -> None:
    verdict = judge_status(response(status), exchange())

    assert verdict.outcome is outcome
    assert verdict.http_status == status
    assert verdict.delivered == (10 if outcome is DELIVERED else 0)
    assert verdict.hold_after == (3 if status in IN_THE_END_SETTINGS else None)
    assert str(status) in verdict.reason


@pytest.mark.parametrize("status", [205, 206, 208, 226])
def test_an_unusual_success_is_told(status: int) -> None:
    assert judge_status(response(status), exchange()).warning


@pytest.mark.parametrize("status", range(200, 207))
def test_a_web_page_is_never_a_receipt(status: int) -> None:
    by_header = judge_status(response(status, b"hello", content_type="text/html; charset=utf-8"), exchange())
    by_body = judge_status(response(status, b"\xef\xbb\xbf \n<!DOCTYPE html><title>Sign in"), exchange())

    assert by_header.outcome is by_body.outcome is SETTINGS
    assert by_header.code == by_body.code == "html_200"


def test_a_redirect_names_the_host_and_nothing_else() -> None:
    location = f"https://sso.example/login?token={TOKEN}"

    verdict = judge_status(response(302, location=location), exchange())

    assert verdict.code == "unexpected_redirect"
    assert "sso.example" in verdict.reason
    assert TOKEN not in verdict.reason


@pytest.mark.parametrize("status", [400, 413, 414, 422, 431])
def test_a_single_entry_is_named_when_it_is_refused(status: int) -> None:
    verdict = judge_status(response(status), exchange(sent=1))

    assert (verdict.outcome, verdict.rejected) == (REJECTED, 0)


@pytest.mark.parametrize("status", [400, 422])
def test_of_several_entries_none_is_named(status: int) -> None:
    assert judge_status(response(status), exchange()).rejected is None


def test_too_large_for_a_moment_is_a_matter_of_time() -> None:
    verdict = judge_status(response(413, retry_after="7"), exchange())

    assert (verdict.outcome, verdict.retry_after) == (RETRY, timedelta(seconds=7))


@pytest.mark.parametrize("status", [408, 413, 429, 503])
def test_the_wait_that_is_asked_for_is_kept(status: int) -> None:
    assert judge_status(response(status, retry_after="90"), exchange()).retry_after == timedelta(seconds=90)


@pytest.mark.parametrize("status", [400, 415])
def test_a_refused_compression_is_left_off(status: int) -> None:
    verdict = judge_status(response(status), exchange(gzip=True))

    assert (verdict.outcome, verdict.go_plain) == (RETRY, True)


@pytest.mark.parametrize("status", [401, 404, 413, 422, 500])
def test_no_other_refusal_blames_the_compression(status: int) -> None:
    assert not judge_status(response(status), exchange(gzip=True)).go_plain


@pytest.mark.parametrize(
    "code",
    [
        "url_invalid",
        "url_not_https",
        "addr_forbidden",
        "dns_nxdomain",
        "not_tls",
        "tls_expired",
        "tls_hostname",
        "tls_untrusted",
        "tls_selfsigned",
        "tls_version",
        "tls_not_yet_valid",
        "header_invalid",
    ],
)
def test_what_only_a_person_can_mend_holds_the_stream(code: str) -> None:
    verdict = judge_error(TransportError(code, "It failed.", hint="Mend it."))

    assert (verdict.outcome, verdict.code, verdict.reason) == (SETTINGS, code, "It failed. Mend it.")


@pytest.mark.parametrize(
    "code",
    [
        "dns_timeout",
        "tcp_refused",
        "tcp_timeout",
        "tcp_unreachable",
        "tls_failed",
        "reset",
        "timeout",
        "bad_answer",
    ],
)
def test_what_passes_by_itself_is_tried_again(code: str) -> None:
    assert judge_error(TransportError(code, "It failed.")).outcome is RETRY


def test_an_address_that_became_forbidden_holds_the_stream() -> None:
    assert judge_error(AddressRefused("addr_forbidden", "No.")).outcome is SETTINGS


def test_what_is_gone_for_good_is_asked_rarely() -> None:
    assert judge_status(response(410), exchange()).retry_after == timedelta(hours=1)
    assert judge_status(response(404), exchange()).retry_after is None
