from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from audit.models import AuditEntry
from streaming.announcing import change_of_state
from streaming.models import Cursor, State, Stream
from tests.streams import MakeStream

MOMENT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
REFUSED = "The token is not accepted."
HELD, SETTINGS = State.HELD_FOR_CREDENTIALS, State.HELD_FOR_SETTINGS


def told(stream: Stream, *, was: State, becomes: State) -> list[AuditEntry]:
    """What is recorded when a stream in one state gets into another."""
    Cursor.objects.filter(pk=stream.pk).update(state=was, held_since=MOMENT - timedelta(hours=1))
    before = AuditEntry.objects.count()

    change_of_state(
        Stream.objects.select_related("cursor", "tenant").get(pk=stream.pk), becomes, REFUSED, now=MOMENT
    )

    return list(AuditEntry.objects.order_by("sequence")[before:])


@pytest.mark.parametrize("was", [State.HEALTHY, State.RETRYING, SETTINGS])
def test_a_stream_that_comes_to_be_held_is_told_with_reason_and_place(
    was: State, make_stream: MakeStream
) -> None:
    (entry,) = told(make_stream(), was=was, becomes=HELD)

    assert entry.event == "tenant_admin_settings.audit_log_streaming_held"
    assert (entry.outcome, entry.actor_type, entry.done_by) == ("failure", "system", "Audit log streaming")
    assert entry.parameters == {
        "stream_name": "SIEM",
        "reason": "The token is not accepted.",
        "after_sequence": 0,
    }


@pytest.mark.parametrize("was", [HELD, SETTINGS])
def test_a_held_stream_that_delivers_again_is_told_with_the_time_since_when_it_was_held(
    was: State, make_stream: MakeStream
) -> None:
    (entry,) = told(make_stream(), was=was, becomes=State.HEALTHY)

    assert entry.event == "tenant_admin_settings.audit_log_streaming_recovered"
    assert entry.parameters == {"stream_name": "SIEM", "held_since": "2026-11-24T11:00:00.000000Z"}


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (HELD, HELD),
        (SETTINGS, SETTINGS),
        (State.HEALTHY, State.RETRYING),
        (State.RETRYING, State.HEALTHY),
        (State.HEALTHY, State.HEALTHY),
    ],
)
def test_an_attempt_that_changes_nothing_for_a_person_is_not_told(
    was: State, becomes: State, make_stream: MakeStream
) -> None:
    assert told(make_stream(), was=was, becomes=becomes) == []
