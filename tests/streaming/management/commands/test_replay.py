from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit.models import AuditEntry, Tenant
from streaming.models import Replay, ReplayState, Stream
from tests.replays import catch_up, record_entries, send_all
from tests.streams import MakeStream


@pytest.fixture
def stream(acme: Tenant, make_stream: MakeStream) -> Stream:
    record_entries(acme, 9)
    made = make_stream()
    catch_up(made)
    return made


def replay(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("replay", "--tenant", "acme", "--json", *arguments, stdout=out)
    told: dict[str, Any] = json.loads(out.getvalue())
    return told


def test_a_dry_run_counts_and_starts_nothing(stream: Stream) -> None:
    told = replay("--first", "3", "--last", "7", "--dry-run")

    assert (told["state"], told["counted"], told["first"], told["last"]) == ("not started", 5, 3, 7)
    assert not Replay.objects.filter(stream=stream).exists()


def test_a_replay_is_started_by_moment_and_shown(stream: Stream, acme: Tenant) -> None:
    begun = replay("--since", "2020-01-01T00:00:00Z")
    catch_up(stream)
    send_all(Replay.objects.get())

    assert (begun["state"], begun["counted"]) == ("running", 10)
    told = replay()
    assert (told["state"], told["delivered"], told["id"]) == ("done", 10, begun["id"])
    by = AuditEntry.objects.of(acme).filter(event__endswith="audit_log_replayed").order_by("sequence").first()
    assert by is not None
    assert by.done_by == "Command line"


def test_it_is_paused_resumed_and_cancelled(stream: Stream) -> None:
    replay("--first", "1")

    assert replay("--pause")["state"] == "paused"
    assert replay("--resume")["state"] == "running"
    assert replay("--cancel")["state"] == "cancelled"
    with pytest.raises(CommandError, match="No replay of this stream is running"):
        replay("--cancel")
    assert Replay.objects.get(stream=stream).state == ReplayState.CANCELLED


@pytest.mark.usefixtures("stream")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--first", "900"], "The log ends at entry 10"),
        (["--last", "3"], "Say where to begin"),
        (["--since", "yesterday"], "invalid"),
        (["--since", "2026-11-24T08:00:00"], "invalid"),
        ([], "sent again yet"),
        (["--name", "Other"], "no such stream"),
    ],
)
def test_what_cannot_be_is_one_line(arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        replay(*arguments)
