"""Entries that a destination refuses for their own content: kept apart, sent again, or dismissed by a person.

A cursor's `set_aside` counts those that are open. One that is sent again counts as delivered, one that is dismissed as
left out. Rows of a replay move no count (`SetAside.replay`).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from audit.catalog.areas.tenant_admin_settings import AUDIT_LOG_REPLAYED, AUDIT_LOG_SET_ASIDES_DISMISSED
from audit.catalog.kinds import Event
from audit.drafts import Draft
from audit.models import LogHead, Person
from audit.people import By
from audit.recording import record
from streaming.attempting import ENOUGH_ALIKE, Attempt, refuses_everything
from streaming.models import Cursor, Resolution, SetAside, Stream
from streaming.wire.outcome import Outcome, Verdict

# A destination that refuses more than this in an hour has other faults than a few odd entries.
MOST_IN_AN_HOUR = 20
HOUR = timedelta(hours=1)


class ReasonMissing(ValueError):
    """Nothing is dismissed without a word of why."""


def is_too_much(attempt: Attempt) -> bool:
    """Whether, with this refusal, it is the destination's settings that are wrong and not the entries.

    So many alike in a row; more than `MOST_IN_AN_HOUR`; or all of the first batch of a stream that never delivered.
    """
    cursor = attempt.stream.cursor
    if _in_a_row(cursor, attempt.verdict) >= ENOUGH_ALIKE:
        return True
    if not cursor.delivered and _nothing_behind(attempt):
        return True
    lately = _of_cursor(attempt.stream).filter(at__gt=attempt.at - HOUR, tries=1, send_again=False)
    return lately.count() + 1 > MOST_IN_AN_HOUR


def _in_a_row(cursor: Cursor, verdict: Verdict) -> int:
    alike = cursor.alike_code == verdict.code or not cursor.delivered
    return cursor.alike_refusals + 1 if alike else 1


def _nothing_behind(attempt: Attempt) -> bool:
    head = LogHead.objects.filter(pk=attempt.stream.tenant_id, last_sequence__gt=attempt.reached)
    return not head.exists()


def keep(attempt: Attempt, *, now: datetime) -> dict[str, Any]:
    """Write the set-aside down; gives what changes in the cursor. In the transaction that moves the place."""
    cursor, verdict, payload = attempt.stream.cursor, attempt.verdict, attempt.batch[0]
    told = {"entry_id": payload.id, "at": now, "tries": 1, "send_again": False} | _answer(verdict, now=now)
    # A replay may have been refused it before: now it is the cursor's.
    again = {
        "replay": None,
        "resolution": "",
        "resolved_at": None,
        "resolved_by": None,
        "dismissed_because": "",
    }
    SetAside.objects.update_or_create(stream=attempt.stream, sequence=payload.sequence, defaults=told | again)
    row = _in_a_row(cursor, verdict)
    if attempt.everything:
        _undo(attempt.stream, row, now=now)
        row = max(row, ENOUGH_ALIKE)
    return {"set_aside": F("set_aside") + 1, "alike_refusals": row, "alike_code": verdict.code}


def _undo(stream: Stream, row: int, *, now: datetime) -> None:
    """Those of this row and of the last hour go once more as soon as the destination takes something."""
    open_ones = _of_cursor(stream)
    last = open_ones.order_by("-sequence").values("pk")[:row]
    open_ones.filter(Q(pk__in=last) | Q(at__gt=now - HOUR, tries=1)).update(send_again=True)


def next_to_send(stream: Stream) -> SetAside | None:
    """The first of those that shall be sent again."""
    return SetAside.objects.filter(stream=stream, send_again=True, resolution="").order_by("sequence").first()


def keep_result(attempt: Attempt, again: SetAside, *, now: datetime) -> dict[str, Any]:
    """Write down what became of a set-aside that was sent again; gives what changes in the cursor."""
    verdict = attempt.verdict
    mine = SetAside.objects.filter(pk=again.pk, resolution="", send_again=True)
    if verdict.outcome is Outcome.DELIVERED:
        return _sent(mine, again, now=now)
    if attempt.is_refused:
        # While the destination refuses everything, this one only served to find out.
        waits = bool(attempt.batch) and refuses_everything(attempt.stream.cursor)
        mine.update(tries=F("tries") + 1, send_again=waits, **_answer(verdict, now=now))
    return {}


def _sent(mine: QuerySet[SetAside], again: SetAside, *, now: datetime) -> dict[str, Any]:
    done = mine.update(
        resolution=Resolution.SENT,
        resolved_at=now,
        last_tried_at=now,
        tries=F("tries") + 1,
        send_again=False,
    )
    counts = bool(done) and again.replay_id is None
    return {"set_aside": F("set_aside") - 1, "delivered": F("delivered") + 1} if counts else {}


def send_again(stream: Stream, sequences: Collection[int] | None, *, by: By) -> int:
    """Have these open set-asides (None: all) sent once more, by the next worker; gives how many, and records it."""
    with transaction.atomic():
        chosen = _chosen(stream, sequences).filter(send_again=False)
        rows = list(chosen.select_for_update().values_list("pk", "sequence"))
        if rows:
            SetAside.objects.filter(pk__in=[pk for pk, _ in rows]).update(send_again=True)
            _tell(stream, AUDIT_LOG_REPLAYED, [number for _, number in rows], {}, by=by)
    return len(rows)


def dismiss(
    stream: Stream,
    sequences: Collection[int] | None,
    *,
    because: str,
    by: By,
    person: Person | None = None,
) -> int:
    """Give these open set-asides (None: all) up; gives how many, and records it. Raises ReasonMissing.

    The entries stay in the log, and count as left out of the stream.
    """
    because = because.strip()
    if not because:
        raise ReasonMissing("Say why these entries need not be sent.")
    with transaction.atomic():
        rows = list(_chosen(stream, sequences).select_for_update().values_list("pk", "sequence", "replay_id"))
        if rows:
            SetAside.objects.filter(pk__in=[pk for pk, _, _ in rows]).update(
                resolution=Resolution.DISMISSED,
                resolved_at=by.now,
                resolved_by=person,
                dismissed_because=because,
                send_again=False,
            )
            _leave_out(stream, sum(replay is None for _, _, replay in rows))
            told = {"reason": because}
            _tell(stream, AUDIT_LOG_SET_ASIDES_DISMISSED, [number for _, number, _ in rows], told, by=by)
    return len(rows)


def _leave_out(stream: Stream, number: int) -> None:
    cursor = Cursor.objects.filter(pk=stream.pk)
    cursor.update(set_aside=F("set_aside") - number, left_out=F("left_out") + number)


def _chosen(stream: Stream, sequences: Collection[int] | None) -> QuerySet[SetAside]:
    open_ones = SetAside.objects.filter(stream=stream, resolution="")
    return open_ones if sequences is None else open_ones.filter(sequence__in=sequences)


def _of_cursor(stream: Stream) -> QuerySet[SetAside]:
    return SetAside.objects.filter(stream=stream, resolution="", replay=None)


def _answer(verdict: Verdict, *, now: datetime) -> dict[str, Any]:
    return {
        "last_tried_at": now,
        "code": verdict.code,
        "http_status": verdict.http_status,
        "reason": verdict.reason,
    }


def _tell(stream: Stream, event: Event, numbers: list[int], told: dict[str, Any], *, by: By) -> None:
    parameters = {
        "stream_name": stream.name,
        "from_sequence": min(numbers),
        "to_sequence": max(numbers),
        "entries": len(numbers),
    }
    draft = Draft(event, by.actor, parameters={**parameters, **told}, context=by.context)
    record(tenant=stream.tenant, draft=draft, now=by.now)
