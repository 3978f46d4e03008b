"""More like this: the log's addresses with what an entry shares with others, and the present list without it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from audit.models import AuditEntry
from audit.templatetags import parameters
from audit.views.addresses import Address

AROUND = timedelta(minutes=5)
AROUND_PERSON = timedelta(minutes=15)
AROUND_REQUEST = timedelta(hours=1)
"""A request is over within an hour, and its id is looked for in the entries themselves: in these, and not in all."""


def similar(
    entry: AuditEntry, log: Address, *, context: dict[str, Any]
) -> Iterator[tuple[str, str, Address]]:
    """Icon, words and address of what lies near, with nothing else asked; `context` is the entry's own."""
    who = "person" if entry.actor_type == "user" else "actor"
    by = log.having("by", entry.done_by)
    if parameters.askable(entry.done_by):
        yield "user", f"Same {who}, 15 min around this", _around(by, entry.occurred_at, AROUND_PERSON)
        yield "user", f"Same {who}", by
    yield "activity", "Same action", log.having("action", entry.event)
    target = _target(entry)
    if target:
        yield "link", "Same target", log.having("target", target)
    request_id = str(context.get("request_id") or "")
    if parameters.askable(request_id):
        same = log.having("request", request_id)
        yield "fingerprint", "Same request", _around(same, entry.occurred_at, AROUND_REQUEST)
    if entry.ip:
        yield "map-pin", "Same IP address", log.having("ip", str(entry.ip))
    yield "clock", "5 min around this", _around(log, entry.occurred_at, AROUND)


def apart(entry: AuditEntry, log: Address) -> Iterator[tuple[str, Address]]:
    """Words and address of the present list without what is like this entry."""
    if parameters.askable(entry.done_by):
        yield (
            ("This person" if entry.actor_type == "user" else "This actor"),
            log.plus("not.by", entry.done_by),
        )
    yield "This action", log.plus("not.action", entry.event)
    target = _target(entry)
    if target:
        yield "This target", log.plus("not.target", target)
    if entry.ip:
        yield "This IP address", log.plus("not.ip", str(entry.ip))


def _around(log: Address, moment: datetime, distance: timedelta) -> Address:
    """With a range to the minute in the reader's zone, as a person would enter it."""
    first, last = (timezone.localtime(moment + step) for step in (-distance, distance))
    return log.having("from", f"{first:%Y-%m-%dT%H:%M}").having("to", f"{last:%Y-%m-%dT%H:%M}")


def _target(entry: AuditEntry) -> str:
    """What tells the target best, of id, name and type; empty for none, and for what no filter can ask for."""
    told = entry.target or {}
    text = str(told.get("id") or told.get("name") or told.get("type") or "")
    return parameters.askable(text)
