from __future__ import annotations

import pytest

from audit.models import Tenant
from auditsite.demo.intake import Rules
from streaming.attempting import MOST_ACK_TIMEOUTS
from streaming.models import Cursor, Replay, ReplayState, Stream
from streaming.resending import confirming
from tests.fakes.intake import MakeIntake
from tests.replays import make_due, record_entries, send_all, start
from tests.streams import MakeStream


@pytest.fixture
def replay(
    acme: Tenant, make_stream: MakeStream, make_intake: MakeIntake, monkeypatch: pytest.MonkeyPatch
) -> Replay:
    """Of ten entries, to a Splunk that confirms what it took after a moment."""
    monkeypatch.setattr(confirming, "WAITS", (0.1, 0.2, 0.4))
    record_entries(acme, 9)
    made = start(make_stream("splunk_hec"), last=10)
    Stream.objects.filter(pk=made.stream_id).update(
        url=make_intake(Rules(hec_acknowledge=True, hec_ack_delay=0.3)).url("splunk_hec")
    )
    return made


def test_a_batch_counts_once_it_is_confirmed(replay: Replay) -> None:
    done = send_all(replay)

    assert (done.state, done.delivered, done.failures) == (ReplayState.DONE, 10, 0)


def test_what_is_not_confirmed_in_time_goes_again_and_counts_in_the_end(
    replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirming, "WAITS", (0.01,))

    first = send_all(replay)
    assert (first.delivered, first.failures) == (0, 1)
    assert "has not confirmed them" in first.last_error
    for _ in range(confirming.MOST_UNCONFIRMED):
        make_due(replay)
        done = send_all(replay)

    assert (done.state, done.delivered) == (ReplayState.DONE, 10)


def test_where_live_delivery_has_given_up_asking_nobody_asks(
    replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirming, "WAITS", (0.01,))
    Cursor.objects.filter(pk=replay.stream_id).update(ack_timeouts=MOST_ACK_TIMEOUTS)

    assert send_all(replay).state == ReplayState.DONE
