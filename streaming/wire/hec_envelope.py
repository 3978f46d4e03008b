"""Entries as Splunk's HTTP Event Collector takes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from streaming.wire.payload import Payload

SOURCETYPE = "auditsite:entry"
ENVELOPE_SIZE = 400
"""Bytes around an entry, at most, but for long names of tenants and hosts."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Index(msgspec.Struct):
    """What of an entry becomes an index-time field: few, short, with few different values."""

    event: str = ""
    category: str = ""


_read_index = msgspec.json.Decoder(_Index).decode


def hec_body(payloads: Sequence[Payload], *, tenant: str, host: str) -> bytes:
    """The entries in envelopes, a line each; the entry's own bytes are spliced in unchanged.

    Keys are exactly those that Splunk knows: it answers 200 to an envelope with another one, and silently drops
    that entry and all after it. Nothing is inherited, so every envelope carries everything.
    """
    head = _inner({"host": host, "source": f"auditsite/{tenant}", "sourcetype": SOURCETYPE})
    return b"\n".join(_envelope(payload, tenant=tenant, head=head) for payload in payloads)


def epoch_seconds(moment: datetime) -> str:
    """Seconds since 1970 with six decimals, from whole microseconds: a float would change the last of them."""
    passed = moment - _EPOCH
    seconds = passed.days * 86_400 + passed.seconds
    if seconds < 0 and passed.microseconds:
        # A timedelta counts its microseconds upwards from the second before.
        return f"-{-seconds - 1}.{1_000_000 - passed.microseconds:06d}"
    return f"{seconds}.{passed.microseconds:06d}"


def _envelope(payload: Payload, *, tenant: str, head: bytes) -> bytes:
    time = epoch_seconds(payload.occurred_at).encode()
    if payload.lean:
        return b'{"time":%b,%b,"event":%b}' % (time, head, payload.body)
    index = _read_index(payload.body)
    fields = _fields(tenant, index.category, index.event)
    return b'{"time":%b,%b,"event":%b,"fields":%b}' % (time, head, payload.body, fields)


@lru_cache(maxsize=1024)
def _fields(tenant: str, category: str, event: str) -> bytes:
    return msgspec.json.encode({"tenant": tenant, "category": category, "event_code": event})


def _inner(pairs: dict[str, str]) -> bytes:
    return msgspec.json.encode(pairs)[1:-1]
