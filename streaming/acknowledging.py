"""Splunk's indexer acknowledgement: a batch that was taken counts as delivered once its id is confirmed.

What was posted is remembered in the cursor, so that no worker waits meanwhile, and one that takes over asks on instead
of sending again. Where nothing is confirmed in time, the batch goes once more over the same channel; where that is not
confirmed either, the answer 200 counts from then on, and the page says so.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Now

from streaming.attempting import MOST_ACK_TIMEOUTS, Attempt
from streaming.destination import Destination, Target
from streaming.leasing import Lease
from streaming.models import Cursor, SetAside, Stream
from streaming.reading import payloads_of, window_after
from streaming.transport.client import Client
from streaming.wire.acks import Ack
from streaming.wire.messages import Answer, Response
from streaming.wire.outcome import Outcome, Verdict

POLLS = tuple(timedelta(seconds=n) for n in (1, 2, 4, 8, 10))
LONGEST = timedelta(seconds=300)
CONFIRMED, UNCONFIRMABLE = "hec_acknowledged", "hec_unacknowledged"
WARNING = (
    "Splunk takes entries, but its acknowledgements cannot be confirmed; a load balancer without sticky sessions may "
    "be the reason. An answer of 200 counts as delivered. Save the settings to try again, or use a token without "
    "indexer acknowledgement."
)
NOTHING_AWAITED: dict[str, Any] = {
    "ack_channel": None, "ack_id": None, "ack_last_sequence": None, "ack_posted_at": None, "ack_polls": 0,
}  # fmt: skip


def awaited(attempt: Attempt) -> dict[str, Any]:
    """What the cursor remembers of a batch that was taken and is to be confirmed."""
    again = attempt.again
    return {
        "ack_channel": attempt.stream.channel,
        "ack_id": attempt.verdict.ack_id,
        "ack_last_sequence": again.sequence if again else attempt.reached,
        "ack_posted_at": attempt.at,
        "ack_polls": 0,
        "next_attempt_at": Now() + Value(POLLS[0]),
    }


def learnt(attempt: Attempt) -> dict[str, Any]:
    """What a delivery says about acknowledgements, and about anything else that a person should know."""
    verdict = attempt.verdict
    if verdict.code == UNCONFIRMABLE:
        return {"ack_timeouts": MOST_ACK_TIMEOUTS, "warning": verdict.warning}
    if verdict.ack_id is not None:
        return {"warning": verdict.warning} if verdict.warning else {}
    return {"ack_timeouts": 0, "warning": verdict.warning}


def ask(
    stream: Stream, client: Client, lease: Lease, *, kind: Destination, target: Target, now: datetime
) -> Attempt | None:
    """Ask for what is awaited. The attempt that ends the wait, to be settled; None where it goes on or was in vain."""
    cursor = stream.cursor
    if cursor.ack_id is None or cursor.ack_channel is None:
        return None
    request = kind.ack_request(target, channel=cursor.ack_channel, ack_id=cursor.ack_id)
    if request is None:
        return _ended(stream, _unconfirmable(), at=now)
    answer = client.send(request)
    ack = kind.read_ack(answer, cursor.ack_id) if isinstance(answer, Response) else Ack.WAITS
    if ack in {Ack.CONFIRMED, Ack.NOT_USED}:
        return _ended(stream, _confirmed(), at=now, answer=answer)
    if ack is Ack.UNKNOWN:
        return _told(stream, kind, target, answer, now=now)
    return _not_yet(stream, lease, now=now)


def _not_yet(stream: Stream, lease: Lease, *, now: datetime) -> Attempt | None:
    """Ask again later; after the longest wait send again; after the second, let the answer 200 count."""
    cursor = stream.cursor
    if now - (cursor.ack_posted_at or now) < LONGEST:
        _wait(cursor, lease)
        return None
    if cursor.ack_timeouts + 1 >= MOST_ACK_TIMEOUTS:
        return _ended(stream, _unconfirmable(), at=now)
    _send_again(cursor, lease)
    return None


def _told(
    stream: Stream, kind: Destination, target: Target, answer: Answer, *, now: datetime
) -> Attempt | None:
    """A refused token holds the stream, and what was not confirmed goes again; anything else confirms nothing."""
    verdict = kind.judge(answer, sent=(), target=target, now=now)
    if verdict.outcome is Outcome.HELD_FOR_CREDENTIALS:
        return Attempt.without_sending(stream, verdict, at=now)
    return _ended(stream, _unconfirmable(), at=now)


def _ended(stream: Stream, verdict: Verdict, *, at: datetime, answer: Answer | None = None) -> Attempt:
    """The attempt as it would have been without acknowledgements."""
    cursor, last = stream.cursor, stream.cursor.ack_last_sequence or 0
    if last <= cursor.place:
        return _ended_again(stream, verdict, at=at)
    window = window_after(stream, cursor.place, most=last - cursor.place, until=last)
    verdict = _of(verdict, len(window.payloads))
    return Attempt(stream, window.payloads, verdict, at=at, more=True, through=window.through, answer=answer)


def _ended_again(stream: Stream, verdict: Verdict, *, at: datetime) -> Attempt:
    """A set-aside was sent again and awaited."""
    number = stream.cursor.ack_last_sequence or 0
    row = SetAside.objects.filter(stream=stream, sequence=number).first()
    batch = payloads_of(stream.tenant_id, [number])
    return Attempt(stream, batch, _of(verdict, len(batch)), at=at, more=True, again=row)


def _of(verdict: Verdict, delivered: int) -> Verdict:
    return Verdict(
        outcome=verdict.outcome,
        reason=verdict.reason,
        code=verdict.code,
        delivered=delivered,
        warning=verdict.warning,
    )


def _confirmed() -> Verdict:
    return Verdict(outcome=Outcome.DELIVERED, reason="Splunk has confirmed it.", code=CONFIRMED)


def _unconfirmable() -> Verdict:
    return Verdict(outcome=Outcome.DELIVERED, reason=WARNING, code=UNCONFIRMABLE, warning=WARNING)


def _wait(cursor: Cursor, lease: Lease) -> None:
    polls = cursor.ack_polls + 1
    wait = POLLS[min(polls, len(POLLS) - 1)]
    _awaiting(cursor, lease).update(ack_polls=polls, next_attempt_at=Now() + Value(wait))


def _send_again(cursor: Cursor, lease: Lease) -> None:
    _awaiting(cursor, lease).update(
        **NOTHING_AWAITED, ack_timeouts=F("ack_timeouts") + 1, next_attempt_at=None
    )


def _awaiting(cursor: Cursor, lease: Lease) -> QuerySet[Cursor]:
    mine = Cursor.objects.filter(pk=cursor.pk, lease_epoch=lease.epoch, place=cursor.place)
    return mine.filter(ack_id=cursor.ack_id, ack_channel=cursor.ack_channel)
