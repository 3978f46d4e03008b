from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from audit.models import AuditEntry, Tenant
from auditsite.demo.intake import Intake
from streaming.configuring import Settings, save_settings
from streaming.models import Cursor, Replay, Stream
from streaming.removing import RemovalRefused, remove_stream
from streaming.tasks import deliver
from tests.streams import ANA, MakeStream, deliver_all

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def stopped(acme: Tenant, make_stream: MakeStream) -> Stream:
    """A stream that delivered its first entry and was switched off, which is the second."""
    stream = make_stream()
    deliver_all(stream)
    return save_settings(tenant=acme, settings=Settings(enabled=False), change=ANA, now=NOW)


def remove(stream: Stream, **changed: Any) -> str:
    asked = {"tenant": stream.tenant, "stream_id": stream.pk, "confirmed": stream.name, **changed}
    return remove_stream(change=ANA, now=NOW, **asked)


def test_a_removed_stream_takes_its_token_along_and_leaves_an_entry(acme: Tenant, stopped: Stream) -> None:
    assert remove(stopped) == "SIEM"

    assert not Stream.objects.exists()
    assert not Cursor.objects.exists()
    entry = AuditEntry.objects.of(acme).order_by("-sequence")[0]
    assert (entry.event, entry.done_by) == (
        "tenant_admin_settings.audit_log_streaming_removed",
        "ana@acme.example",
    )
    told = entry.parameters
    assert (told["stream_name"], told["delivered"], told["waiting"], told["set_aside"]) == ("SIEM", 1, 1, 0)


def test_a_stream_that_is_switched_on_stays(make_stream: MakeStream) -> None:
    with pytest.raises(RemovalRefused, match="Switch the stream off first"):
        remove(make_stream())

    assert Stream.objects.exists()


@pytest.mark.parametrize("typed", ["", "siem", "SIEM 2"])
def test_only_its_name_removes_it(stopped: Stream, typed: str) -> None:
    with pytest.raises(RemovalRefused, match="Type the stream's name, SIEM"):
        remove(stopped, confirmed=typed)

    assert Stream.objects.exists()


def test_a_request_on_its_way_is_waited_for(stopped: Stream) -> None:
    Cursor.objects.filter(pk=stopped.pk).update(leased_until=datetime.now(UTC) + timedelta(minutes=1))

    with pytest.raises(RemovalRefused, match="still on its way"):
        remove(stopped)


def test_a_replay_has_to_be_over(stopped: Stream) -> None:
    Replay.objects.create(
        stream=stopped, asked_at=NOW, first_sequence=1, last_sequence=2, counted=2, place=0, state="paused"
    )

    with pytest.raises(RemovalRefused, match="replay of this stream is not over"):
        remove(stopped)


def test_another_tenants_stream_is_out_of_reach(globex: Tenant, stopped: Stream) -> None:
    with pytest.raises(RemovalRefused, match="removed already"):
        remove(stopped, tenant=globex)

    assert Stream.objects.exists()


def test_a_doorbell_that_still_rings_for_it_is_not_answered(loopback: Intake, stopped: Stream) -> None:
    before = len(loopback.requests)
    remove(stopped)

    deliver(stream_id=str(stopped.pk))

    assert len(loopback.requests) == before
