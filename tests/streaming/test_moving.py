"""What is written in one statement is what the long way writes; and who is in any trouble goes the long way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import F

from audit.models import Tenant
from streaming import leasing, moving, settling
from streaming.attempting import Attempt
from streaming.leasing import Lease
from streaming.models import Cursor, DeliveryAttempt, Figures, HourFigures, State, Stream
from streaming.reading import payloads_after
from streaming.wire.messages import Response
from streaming.wire.outcome import Outcome, Verdict
from tests.entries import NOON, make_entry
from tests.streams import MakeStream

FINE = Verdict(
    outcome=Outcome.DELIVERED, reason="Fine.", code="http_200", delivered=3, http_status=200, duplicates=1
)
TROUBLE: list[dict[str, Any]] = [
    {"failures": 1}, {"state": State.HELD_FOR_SETTINGS, "held_since": NOON}, {"troubled_since": NOON},
    {"next_attempt_at": NOON}, {"batch_limit": 7}, {"window_end": 9}, {"alike_refusals": 1}, {"ack_id": 4},
    {"ack_timeouts": 1}, {"warning": "Look at it."},
]  # fmt: skip
MORE_TO_DO: list[dict[str, Any]] = [
    {"slow_down": True}, {"go_plain": True}, {"new_channel": True}, {"warning": "Look at it."},
    {"outcome": Outcome.RETRY}, {"delivered": 2}, {"retry_after": timedelta(seconds=1)},
]  # fmt: skip


@pytest.fixture
def stream(acme: Tenant, make_stream: MakeStream) -> Stream:
    made = make_stream("http_bearer")
    for _ in range(4):
        make_entry(acme)
    return made


def attempt(stream: Stream, verdict: Verdict = FINE, *, through: int | None = None) -> Attempt:
    fresh = Stream.objects.select_related("cursor", "tenant").get(pk=stream.pk)
    batch = payloads_after(stream.tenant_id, fresh.cursor.place, most=3)
    answer = Response(status=200, elapsed=timedelta(milliseconds=80))
    return Attempt(fresh, batch, verdict, at=NOON, answer=answer, through=through)


def lease(stream: Stream) -> Lease:
    claimed = leasing.claim(stream.pk, owner="test")
    assert claimed is not None
    return claimed


def written(stream: Stream) -> list[Any]:
    """Everything that settling touches, but for keys and what came before."""
    cursor = Cursor.objects.filter(pk=stream.pk).values().get()
    rows = [model.objects.filter(stream=stream) for model in (DeliveryAttempt, Figures, HourFigures)]
    others = [{**row, "id": 0} for query in rows for row in query.order_by("pk").values()]
    return [{**cursor, "lease_epoch": 0, "leased_until": None}, *others]


def test_one_statement_writes_what_the_long_way_writes(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, mine = attempt(stream, through=5), lease(stream)
    assert moving.is_usual(made)
    assert settling.settle(made, mine, now=NOON)
    short = written(stream)
    Cursor.objects.filter(pk=stream.pk).update(place=0, delivered=0, not_matching=0)
    DeliveryAttempt.objects.all().delete()
    Figures.objects.all().delete()
    HourFigures.objects.all().delete()

    monkeypatch.setattr(moving, "is_usual", lambda _: False)
    assert settling.settle(made, mine, now=NOON)

    assert short == written(stream)
    assert (short[0]["place"], short[0]["delivered"], short[0]["not_matching"]) == (5, 3, 2)


def test_figures_add_up_from_statement_to_statement(stream: Stream) -> None:
    mine = lease(stream)
    settling.settle(attempt(stream), mine, now=NOON)
    settling.settle(attempt(stream, replace(FINE, delivered=2)), mine, now=NOON)

    figures = Figures.objects.get(stream=stream)
    assert (figures.requests, figures.entries, figures.delivered, figures.duplicates) == (2, 5, 5, 2)
    assert sum(figures.requests_in) == 2
    hour = HourFigures.objects.get(stream=stream)
    assert (hour.hour, hour.requests, hour.delivered, hour.failed) == (NOON, 2, 5, 0)


@pytest.mark.parametrize("changed", [{"place": 1, "delivered": 1}, {"lease_epoch": F("lease_epoch") + 1}])
def test_a_result_that_comes_too_late_writes_nothing(stream: Stream, changed: dict[str, object]) -> None:
    made, mine = attempt(stream), lease(stream)
    Cursor.objects.filter(pk=stream.pk).update(**changed)
    before = written(stream)

    assert not settling.settle(made, mine, now=NOON)

    assert written(stream) == before


def test_a_result_for_settings_of_before_writes_nothing(stream: Stream) -> None:
    made, mine = attempt(stream), lease(stream)
    Stream.objects.filter(pk=stream.pk).update(config_version=F("config_version") + 1)
    before = written(stream)

    assert not settling.settle(made, mine, now=datetime.now(UTC))

    assert written(stream) == before


@pytest.mark.parametrize("changed", TROUBLE, ids=lambda changed: next(iter(changed)))
def test_a_stream_in_any_trouble_is_not_usual(stream: Stream, changed: dict[str, Any]) -> None:
    Cursor.objects.filter(pk=stream.pk).update(**changed)

    assert not moving.is_usual(attempt(stream))


@pytest.mark.parametrize("changed", MORE_TO_DO, ids=lambda changed: next(iter(changed)))
def test_an_answer_that_asks_for_more_is_not_usual(stream: Stream, changed: dict[str, Any]) -> None:
    assert not moving.is_usual(attempt(stream, replace(FINE, **changed)))
