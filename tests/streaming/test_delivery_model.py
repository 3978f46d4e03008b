"""A model of a stream's life: whatever happens in whatever order, nothing is lost, skipped or counted twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.db.models.functions import Now
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from audit.models import AuditEntry, LogHead, Tenant
from audit.recording import record_many
from auditsite.demo.intake import ELASTICSEARCH, KINDS, Behaviour, Intake, Refusal, busy, html_page, throttled
from streaming.attempting import Attempt
from streaming.configuring import BEGINNING, NOW, RESUME, Settings, save_settings
from streaming.delivery import Run
from streaming.encryption import Secret
from streaming.health import health_of
from streaming.models import Cursor, Stream
from tests.entries import draft
from tests.streams import ANA, deliver_all, deliver_once, make_due

TROUBLES = {
    "busy": busy(),
    "throttled": throttled(1),
    "no token": Behaviour(status=401, body="{}"),
    "too large": Behaviour(status=413),
    "web page": html_page(),
    "reset": Behaviour(connection="reset"),
    "take then drop": Behaviour(connection="take_then_drop"),
    "one refused": Behaviour(refusals=(Refusal(positions=frozenset({2})),)),
}


@dataclass
class Ghost:
    """A worker that stopped between sending and settling. It may wake up, or never."""

    run: Run
    attempt: Attempt


class StreamLife(RuleBasedStateMachine):
    intake: Intake

    @initialize(kind=st.sampled_from(KINDS))
    def begin(self, kind: str) -> None:
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.intake.heal()
        self.intake.forget()
        self.kind, self.place, self.ghosts = kind, 0, list[Ghost]()
        self.left_out: set[int] = set()
        self.tenant = Tenant.objects.create(slug="model", name="Model")
        self.record(3)
        self.stream = self.save(enabled=True)

    def save(self, *, enabled: bool, catch_up: str = RESUME) -> Stream:
        values = Settings(
            enabled=enabled,
            destination_kind=self.kind,
            url=self.intake.url(self.kind),
            token=Secret(self.intake.token(self.kind)),
            start_from=BEGINNING,
            catch_up=catch_up,
        )
        return save_settings(tenant=self.tenant, settings=values, change=ANA, now=datetime.now(UTC))

    @rule(count=st.integers(1, 30))
    def record(self, count: int) -> None:
        record_many(tenant=self.tenant, drafts=[draft()] * count, now=datetime.now(UTC))

    @rule()
    def deliver(self) -> None:
        make_due(self.stream)
        deliver_all(self.stream)

    @rule(trouble=st.sampled_from(sorted(TROUBLES)))
    def deliver_in_trouble(self, trouble: str) -> None:
        self.intake.behave(self.kind, TROUBLES[trouble])
        make_due(self.stream)
        deliver_once(self.stream)
        self.intake.heal()

    @rule(trouble=st.sampled_from(["", *sorted(TROUBLES)]))
    def crash_between_sending_and_settling(self, trouble: str) -> None:
        make_due(self.stream)
        run = Run(self.stream.pk, owner="ghost").__enter__()
        if run.lease is not None:
            if trouble:
                self.intake.behave(self.kind, TROUBLES[trouble])
            fresh = Stream.objects.select_related("cursor", "tenant").get(pk=self.stream.pk)
            attempt = run._attempt(fresh, now=datetime.now(UTC))
            assert attempt is not None
            self.ghosts.append(Ghost(run, attempt))
            self.intake.heal()
        run._ahead.close()

    @precondition(lambda self: bool(getattr(self, "ghosts", None)))
    @rule()
    def a_paused_worker_wakes_up(self) -> None:
        ghost = self.ghosts.pop(0)
        before = Cursor.objects.filter(pk=self.stream.pk).values().get()
        assert ghost.run.lease is not None
        superseded = before["lease_epoch"] != ghost.run.lease.epoch
        ghost.run._settled(ghost.attempt, now=datetime.now(UTC))
        ghost.run.__exit__(None, None, None)
        if superseded:
            assert Cursor.objects.filter(pk=self.stream.pk).values().get() == before

    @rule(first=st.sampled_from(["", *sorted(TROUBLES)]))
    def another_worker_takes_over_and_the_paused_one_wakes_up(self, first: str) -> None:
        for trouble in (first, "busy"):
            self.leases_run_out()
            self.crash_between_sending_and_settling(trouble)
        if self.ghosts:
            self.a_paused_worker_wakes_up()

    @rule()
    def leases_run_out(self) -> None:
        cursor = Cursor.objects.filter(pk=self.stream.pk, leased_until__isnull=False)
        cursor.update(leased_until=Now() - timedelta(seconds=1))

    @rule()
    def switch_off(self) -> None:
        self.save(enabled=False)

    @rule()
    def save_again(self) -> None:
        self.save(enabled=True)

    @precondition(lambda self: hasattr(self, "stream") and not self.fresh.enabled)
    @rule()
    def start_from_now(self) -> None:
        head = LogHead.objects.get(pk=self.tenant.pk).last_sequence
        self.left_out |= set(range(self.place + 1, head + 1))
        self.save(enabled=True, catch_up=NOW)

    @property
    def fresh(self) -> Stream:
        return Stream.objects.select_related("cursor").get(pk=self.stream.pk)

    @property
    def arrived(self) -> list[int]:
        return [arrival.sequence or 0 for arrival in self.intake.received(self.kind)]

    @invariant()
    def every_entry_is_counted_once(self) -> None:
        if not hasattr(self, "stream"):
            return
        health = health_of(self.fresh, now=datetime.now(UTC))
        assert health.not_streamed == self.fresh.cursor.left_out == len(self.left_out)
        counted = health.delivered + health.waiting + health.set_aside + health.not_streamed
        assert health.recorded == counted == AuditEntry.objects.of(self.tenant).count()

    @invariant()
    def the_place_never_moves_back(self) -> None:
        if hasattr(self, "stream"):
            place = self.fresh.cursor.place
            assert place >= self.place
            self.place = place

    @invariant()
    def what_counts_as_delivered_has_arrived_and_first_arrivals_are_in_order(self) -> None:
        if hasattr(self, "stream"):
            assert set(range(1, self.place + 1)) - self.left_out <= set(self.arrived)
            # Elasticsearch takes what stands behind a refused document; the others stop before it.
            assert self.kind == ELASTICSEARCH or self.arrived == sorted(self.arrived)

    def teardown(self) -> None:
        if not hasattr(self, "stream"):
            return
        try:
            self.leases_run_out()
            self.save(enabled=True)
            for _ in range(2):
                self.deliver()
            assert self.fresh.cursor.place == LogHead.objects.get(pk=self.tenant.pk).last_sequence
            self.what_counts_as_delivered_has_arrived_and_first_arrivals_are_in_order()
            self.the_place_never_moves_back()
            self.every_entry_is_counted_once()
        finally:
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)


@pytest.fixture
def life(db: None, loopback: Intake) -> Iterator[type[StreamLife]]:  # noqa: ARG001 - opens the database
    StreamLife.intake = loopback
    yield StreamLife
    del StreamLife.intake


@pytest.mark.slow
def test_whatever_happens_nothing_is_lost_skipped_or_counted_twice(life: type[StreamLife]) -> None:
    run_state_machine_as_test(
        life,
        settings=settings(
            max_examples=20,
            stateful_step_count=12,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
