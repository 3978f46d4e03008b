"""Acknowledgements of a replay's batches: asked for at once and on the spot, as nothing waits behind a replay.

Live delivery remembers what it awaits and lets its thread go; a replay that is interrupted sends the batch once more,
which it is for anyway.
"""

from __future__ import annotations

import time
from dataclasses import replace

from streaming.attempting import MOST_ACK_TIMEOUTS
from streaming.destination import Destination, Target
from streaming.models import Replay
from streaming.transport.client import Client
from streaming.wire.acks import Ack
from streaming.wire.messages import Response
from streaming.wire.outcome import Outcome, Verdict

# Seconds between questions; all of them together, with a batch before them, end well before the lease does.
WAITS = (0.25, 0.75, 1.0, 2.0, 4.0, 8.0, 8.0)
ONE_QUESTION = 5.0
# After so many batches in a row that were not confirmed, the answer 200 counts.
MOST_UNCONFIRMED = 2
NOT_CONFIRMED = "hec_not_confirmed"


def confirmed(
    verdict: Verdict, replay: Replay, *, client: Client, kind: Destination, target: Target
) -> Verdict:
    """The verdict, once it is confirmed; a RETRY where it is not in time. Without an id to ask for: as it is."""
    if verdict.outcome is not Outcome.DELIVERED or verdict.ack_id is None:
        return verdict
    given_up = replay.stream.cursor.ack_timeouts >= MOST_ACK_TIMEOUTS or replay.failures >= MOST_UNCONFIRMED
    request = kind.ack_request(target, channel=target.channel, ack_id=verdict.ack_id)
    if given_up or request is None:
        return verdict
    for wait in WAITS:
        time.sleep(wait)
        answer = client.send(request, timeout=ONE_QUESTION)
        ack = kind.read_ack(answer, verdict.ack_id) if isinstance(answer, Response) else Ack.WAITS
        if ack is not Ack.WAITS:
            return verdict
    words = "Splunk took the entries, and has not confirmed them in time. They are sent again."
    return replace(verdict, outcome=Outcome.RETRY, delivered=0, code=NOT_CONFIRMED, reason=words)
