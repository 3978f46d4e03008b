from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from streaming.wire.hec_envelope import epoch_seconds, hec_body
from tests.streaming.wire.payloads import payload, payloads


def test_an_envelope_has_exactly_the_keys_that_splunk_knows() -> None:
    body = hec_body([payload()], tenant="acme", host="audit.example")

    envelope = json.loads(body)
    assert envelope == {
        "time": 1795508130.123456,
        "host": "audit.example",
        "source": "auditsite/acme",
        "sourcetype": "auditsite:entry",
        "event": payload().parsed(),
        "fields": {
            "tenant": "acme",
            "category": "System configuration",
            "event_code": "workflows.workflow_published",
        },
    }
    assert body.startswith(b'{"time":1795508130.123456,')


def test_the_entry_travels_as_its_stored_bytes() -> None:
    given = payload(details="ünïcode \\n \u2028 </script>")

    assert b'"event":%b,"fields"' % given.body in hec_body([given], tenant="acme", host="h")


def test_a_lean_entry_goes_without_index_time_fields() -> None:
    whole, lean = payload(1), replace(payload(2), lean=True)

    envelopes = [json.loads(line) for line in hec_body([whole, lean], tenant="t", host="h").splitlines()]

    assert envelopes[1].keys() == envelopes[0].keys() - {"fields"}


def test_every_entry_has_a_line_and_an_envelope_of_its_own() -> None:
    lines = hec_body(payloads(3, details="a\nb"), tenant="acme", host="h").split(b"\n")

    assert [json.loads(line)["event"]["sequence"] for line in lines] == [1, 2, 3]


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), "0.000000"),
        (datetime(2026, 11, 24, 8, 15, 30, 1, tzinfo=UTC), "1795508130.000001"),
        (datetime(1969, 12, 31, 23, 59, 58, 500000, tzinfo=UTC), "-1.500000"),
    ],
)
def test_time_is_written_to_the_microsecond(moment: datetime, text: str) -> None:
    assert epoch_seconds(moment) == text


@given(st.datetimes(timezones=st.just(UTC)))
def test_no_microsecond_is_lost(moment: datetime) -> None:
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)

    assert Decimal(epoch_seconds(moment)) * 1_000_000 == since // timedelta(microseconds=1)
