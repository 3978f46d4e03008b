"""What every kind of destination promises; a new one is tested by being there."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.destination import Destination, SettingsError, Target, all_destinations, destination
from streaming.wire.messages import Answer, Request, Response, TransportError
from streaming.wire.outcome import Outcome
from streaming.wire.payload import Payload
from tests.streaming.wire.payloads import payload, payloads

NOW = datetime(2026, 11, 24, 8, 0, 0, tzinfo=UTC)
URL = "https://siem.example.com:8443/"
TOKEN = "0123456789-secret"
KINDS = list(all_destinations().values())

every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)


def target(kind: Destination, **changes: Any) -> Target:
    given: dict[str, Any] = {
        "url": kind.target_url(URL)[0],
        "token": TOKEN,
        "tenant_slug": "acme",
        "channel": UUID(int=7),
    }
    return Target(**(given | changes))


def judged(kind: Destination, answer: Response | TransportError, *, sent: int = 3) -> Any:
    return kind.judge(answer, sent=payloads(sent), target=target(kind), now=NOW)


def test_the_folder_is_the_registry_in_the_forms_order() -> None:
    assert [(kind.kind, kind.label) for kind in KINDS] == [
        ("splunk_hec", "Splunk HEC"),
        ("http_bearer", "HTTP (Bearer Auth)"),
        ("elasticsearch", "Elasticsearch"),
    ]


def test_an_unknown_type_is_told_which_there_are() -> None:
    with pytest.raises(LookupError, match=r"splunk_hec, http_bearer, elasticsearch"):
        destination("syslog")


@every_kind
def test_a_form_can_be_filled_in_from_what_the_type_says(kind: Destination) -> None:
    texts = [kind.label, kind.blurb, kind.token_help, kind.setup_title, kind.test_note, kind.service]

    assert all(texts)
    assert kind.target_url(kind.url_placeholder)
    assert any(is_code for line in kind.setup for is_code, _ in line.parts)


@every_kind
@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Response(status=429), Outcome.THROTTLED),
        (Response(status=401), Outcome.HELD_FOR_CREDENTIALS),
        (Response(status=403), Outcome.HELD_FOR_CREDENTIALS),
        (Response(status=404), Outcome.HELD_FOR_SETTINGS),
        (Response(status=302), Outcome.HELD_FOR_SETTINGS),
        (Response(status=413), Outcome.SPLIT),
        (Response(status=500), Outcome.RETRY),
        (Response(status=502), Outcome.RETRY),
        (Response(status=503), Outcome.RETRY),
        (Response(status=200, body=b"<html>"), Outcome.HELD_FOR_SETTINGS),
        (TransportError("timeout", "x"), Outcome.RETRY),
        (TransportError("tls_expired", "x"), Outcome.HELD_FOR_SETTINGS),
    ],
)
def test_what_is_common_is_judged_alike(
    kind: Destination, answer: Response | TransportError, outcome: Outcome
) -> None:
    assert judged(kind, answer).outcome is outcome


BODIES = st.one_of(
    st.binary(max_size=30),
    st.recursive(
        st.none() | st.booleans() | st.integers(-2, 30) | st.sampled_from(["OK", "create", "used"]),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    ["code", "text", "invalid-event-number", "items", "create", "status", "error", "type"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    ).map(lambda value: json.dumps(value).encode()),
)


@every_kind
@given(status=st.integers(100, 599), body=BODIES, sent=st.integers(1, 4))
def test_no_answer_breaks_the_judgement_or_moves_the_cursor_too_far(
    kind: Destination, status: int, body: bytes, sent: int
) -> None:
    verdict = judged(kind, Response(status=status, body=body), sent=sent)

    assert 0 <= verdict.delivered <= sent
    assert (verdict.outcome is Outcome.DELIVERED) == (verdict.delivered == sent)
    assert verdict.rejected is None or verdict.delivered <= verdict.rejected < sent
    assert verdict.outcome is not Outcome.SPLIT or sent > 1
    assert verdict.reason
    assert verdict.code


@every_kind
@given(data=st.data())
def test_no_answer_breaks_a_connection_test(kind: Destination, data: st.DataObject) -> None:
    keys = [
        "username",
        "api_key",
        "index",
        "docs",
        "doc",
        "code",
        "text",
        "error",
        "logs-auditsite.audit-default",
    ]
    values = st.recursive(
        st.none() | st.booleans() | st.integers(0, 30) | st.just("x"),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(keys), inner, max_size=4),
        max_leaves=8,
    )

    def send(_request: Request) -> Answer:
        if data.draw(st.integers(0, 9)) == 0:
            return TransportError("reset", "x")
        body = json.dumps(data.draw(values)).encode()
        return Response(status=data.draw(st.sampled_from([200, 200, 400, 401, 404, 503])), body=body)

    results = list(kind.probes(target(kind), send=send, now=NOW))

    assert [result.name for result in results] in (["authentication"], ["authentication", "ingest"])
    assert not any(result.stops for result in results[:-1])
    assert json.dumps([result.as_json() for result in results])


@every_kind
def test_an_echoed_token_is_never_told(kind: Destination) -> None:
    words = {"text": TOKEN, "code": 4, "error": {"type": "x", "reason": TOKEN}}
    for status in (200, 302, 400, 401, 403, 500):
        answer = Response(
            status=status, body=json.dumps(words).encode(), headers={"location": f"https://{TOKEN}.example/"}
        )

        assert TOKEN not in repr(judged(kind, answer))


@every_kind
def test_the_same_batch_makes_the_same_bytes(kind: Destination) -> None:
    first, second = (kind.encode(payloads(5), target(kind), now=NOW) for _ in range(2))

    assert (first.body, first.url, dict(first.headers)) == (second.body, second.url, dict(second.headers))


@every_kind
def test_a_token_shows_in_no_log(kind: Destination) -> None:
    request = kind.encode(payloads(1), target(kind), now=NOW)

    assert TOKEN in "".join(request.headers.values())
    assert TOKEN not in repr(request) + repr(target(kind)) + request.url
    assert TOKEN.encode() not in request.body


@every_kind
def test_compression_is_left_off_where_it_was_refused(kind: Destination) -> None:
    many = payloads(20)

    assert kind.encode(many, target(kind), now=NOW).gzip == kind.compresses
    assert not kind.encode(many, target(kind, gzip=False), now=NOW).gzip
    assert gzip.compress(kind.encode(many, target(kind), now=NOW).body)


@every_kind
@given(data=st.data())
def test_a_batch_never_outgrows_its_limits(kind: Destination, data: st.DataObject) -> None:
    text = data.draw(st.text(st.characters(codec="utf-8"), max_size=400)) * data.draw(st.integers(1, 40))
    given = [payload(n, details=text, parameters={text[:20]: text}) for n in range(1, 40)]

    batch = kind.take(given, target(kind))

    assert batch == given[: len(batch)]
    assert len(batch) >= 1
    assert len(batch) == 1 or len(kind.encode(batch, target(kind), now=NOW).body) <= kind.most_bytes


@every_kind
def test_a_batch_has_at_most_the_kinds_or_the_engines_number(
    kind: Destination, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(kind), "most_bytes", 10**9)
    many = payloads(kind.most_payloads + 5)

    assert len(kind.take(many, target(kind))) == kind.most_payloads
    assert len(kind.take(many, target(kind), most=7)) == 7
    assert len(kind.take(many[:2], target(kind))) == 2


@every_kind
def test_an_entry_over_the_limit_goes_alone(kind: Destination) -> None:
    large: list[Payload] = [payload(1, details="x" * kind.most_bytes), payload(2)]

    assert kind.take(large, target(kind)) == large[:1]


@every_kind
@pytest.mark.parametrize(
    ("pasted", "told"),
    [
        ("", "Enter a URL"),
        ("http://siem.example.com", "Start the address with https://"),
        ("siem.example.com:8088", "Start the address with https://"),
        ("https://user:pw@siem.example.com/", "url_invalid"),
        ("https://siem.example.com/#x", "special characters"),
    ],
)
def test_an_address_that_cannot_work_is_refused_in_words(kind: Destination, pasted: str, told: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        kind.target_url(pasted)

    assert refusal.value.field == "url"
    assert told in refusal.value.message or told == "url_invalid"


@every_kind
@pytest.mark.parametrize("pasted", [f" {URL}\n", f"“{URL}”", f"\u200b{URL}", f"<{URL}>", f"'{URL}'"])
def test_what_gets_pasted_around_an_address_is_taken_off(kind: Destination, pasted: str) -> None:
    assert kind.target_url(pasted) == kind.target_url(URL)


@every_kind
def test_the_address_that_is_called_leads_to_itself(kind: Destination) -> None:
    called = kind.target_url(URL)[0]

    assert kind.target_url(called)[0] == called


@every_kind
@pytest.mark.parametrize(
    ("token", "told"),
    [
        ("", "Enter a token"),
        ("  \n", "Enter a token"),
        ("abc def", "must not contain spaces or line breaks"),
        ("abc\r\nX: y", "must not contain spaces or line breaks"),
        ("abc\x00", "must not contain spaces or line breaks"),
        ("äbc", "letters with accents"),
    ],
)
def test_a_token_that_cannot_go_into_a_header_is_refused(kind: Destination, token: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told) as refusal:
        kind.check_token(token)

    assert refusal.value.field == "token"


@every_kind
def test_a_token_loses_what_was_pasted_around_it(kind: Destination) -> None:
    assert kind.check_token(f" \ufeff{TOKEN}\n") == TOKEN
