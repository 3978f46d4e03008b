"""A model of a stream's life: what follows from each rule is written down, and the tables are held against it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models.functions import Now
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from audit.drafts import Actor
from audit.models import AuditEntry, LogHead, Tenant
from audit.people import By
from audit.recording import record_many
from auditsite.demo.intake import ELASTICSEARCH, KINDS, Behaviour, Intake, Refusal, busy, html_page, throttled
from streaming import setting_aside
from streaming.attempting import Attempt
from streaming.checking import Settings
from streaming.configuring import BEGINNING, NOW, RESUME, save_settings
from streaming.delivery import Run
from streaming.encryption import Secret
from streaming.health import health_of
from streaming.models import Cursor, Resolution, SetAside, Stream
from tests.entries import draft
from tests.streams import ANA, deliver_all, deliver_once, make_due

BOB = "bob@acme.example"
PICKY = Behaviour(refusals=(Refusal(containing="poison"),))
TROUBLES = {
    "busy": busy(),
    "throttled": throttled(1),
    "no token": Behaviour(status=401, body="{}"),
    "too large": Behaviour(status=413),
    "web page": html_page(),
    "reset": Behaviour(connection="reset"),
    "take then drop": Behaviour(connection="take_then_drop"),
    "half an answer": Behaviour(connection="half_an_answer"),
    "one refused": Behaviour(refusals=(Refusal(positions=frozenset({2})),)),
    "all refused": Behaviour(refusals=(Refusal(),)),
    "picky": PICKY,
    "acknowledges nothing": Behaviour(path="/ack", status=200, body='{"acks": {}}'),
    "knows no acknowledgement": Behaviour(path="/ack", status=404),
}
trouble = st.sampled_from(sorted(TROUBLES))
trouble_or_none = st.sampled_from(["", *sorted(TROUBLES)])


@dataclass
class Ghost:
    """A worker that stopped between sending and settling. It may wake up, or never."""

    run: Run
    attempt: Attempt


class StreamLife(RuleBasedStateMachine):
    intake: Intake

    @initialize(kind=st.sampled_from(KINDS), acknowledges=st.booleans())
    def begin(self, kind: str, acknowledges: bool) -> None:
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.intake.heal()
        self.intake.forget()
        self.intake.change("rules", {"hec_acknowledge": acknowledges})
        self.kind, self.place, self.ghosts = kind, 0, list[Ghost]()
        self.left_out, self.passed = set[int](), set[int]()
        self.filtered, self.slash = False, ""
        self.unsettled = set[int]()
        self.tenant = Tenant.objects.create(slug="model", name="Model")
        self.record(3, ["", "poison", "bob"])
        self.stream = self.save(enabled=True)

    def save(self, *, enabled: bool, catch_up: str = RESUME) -> Stream:
        values = Settings(
            enabled=enabled,
            destination_kind=self.kind,
            url=self.intake.url(self.kind) + self.slash,
            token=Secret(self.intake.token(self.kind)),
            entry_filter=f"by={BOB}" if self.filtered else "",
            start_from=BEGINNING,
            catch_up=catch_up,
        )
        return save_settings(tenant=self.tenant, settings=values, change=ANA, now=datetime.now(UTC))

    @rule(count=st.integers(1, 30), words=st.lists(st.sampled_from(["", "", "bob", "poison"]), min_size=1))
    def record(self, count: int, words: list[str]) -> None:
        made = [words[number % len(words)] for number in range(count)]
        drafts = [draft(details=word, by=BOB if word == "bob" else "ana@acme.example") for word in made]
        record_many(tenant=self.tenant, drafts=drafts, now=datetime.now(UTC))

    @rule()
    def record_and_roll_back(self) -> None:
        with transaction.atomic():
            self.record(2, ["bob"])
            transaction.set_rollback(True)

    @rule()
    def deliver(self) -> None:
        make_due(self.stream)
        deliver_all(self.stream)

    @rule()
    def deliver_only_what_is_due(self) -> None:
        deliver_once(self.stream)

    @rule(name=trouble, steps=st.integers(1, 4))
    def deliver_in_trouble(self, name: str, steps: int) -> None:
        self.intake.behave(self.kind, TROUBLES[name])
        for _ in range(steps):
            make_due(self.stream)
            deliver_once(self.stream)
        self.intake.heal()

    @rule()
    def deliver_to_one_that_takes_no_poison(self) -> None:
        self.intake.behave(self.kind, PICKY)
        self.deliver()
        self.intake.heal()

    @rule(name=trouble_or_none)
    def crash_between_sending_and_settling(self, name: str) -> None:
        make_due(self.stream)
        run = Run(self.stream.pk, owner="ghost").__enter__()
        if run.lease is not None:
            if name:
                self.intake.behave(self.kind, TROUBLES[name])
            fresh = Stream.objects.select_related("cursor", "tenant").get(pk=self.stream.pk)
            attempt = run._attempt(fresh, now=datetime.now(UTC))
            if attempt is not None:
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

    @rule(first=trouble_or_none)
    def another_worker_takes_over_and_the_paused_one_wakes_up(self, first: str) -> None:
        for name in (first, "busy"):
            self.leases_run_out()
            self.crash_between_sending_and_settling(name)
        if self.ghosts:
            self.a_paused_worker_wakes_up()

    @rule()
    def leases_run_out(self) -> None:
        cursor = Cursor.objects.filter(pk=self.stream.pk, leased_until__isnull=False)
        cursor.update(leased_until=Now() - timedelta(seconds=1))

    @rule()
    def an_acknowledgement_is_late(self) -> None:
        awaited = Cursor.objects.filter(pk=self.stream.pk, ack_id__isnull=False)
        awaited.update(ack_posted_at=datetime.now(UTC) - timedelta(seconds=301))

    @rule()
    def send_again(self) -> None:
        setting_aside.send_again(self.stream, None, by=self.by)

    @rule(number=st.integers(0, 3))
    def dismiss_one(self, number: int) -> None:
        rows = SetAside.objects.filter(resolution="").values_list("sequence", flat=True)
        setting_aside.dismiss(self.stream, rows[number : number + 1], because="No need.", by=self.by)

    @rule()
    def switch_off(self) -> None:
        self.save(enabled=False)

    @rule()
    def save_again(self) -> None:
        self.save(enabled=True)

    @rule()
    def change_the_address(self) -> None:
        self.slash = "" if self.slash else "/"
        self.save(enabled=True)

    @rule()
    def change_the_filter(self) -> None:
        # Sent under the one filter and not settled: what the other one takes beside it comes behind it.
        self.unsettled |= {number for number in self.arrived if number > self.fresh.cursor.place}
        self.filtered = not self.filtered
        self.save(enabled=True)

    @precondition(lambda self: hasattr(self, "stream") and not self.fresh.enabled)
    @rule()
    def start_from_now(self) -> None:
        self.left_out |= set(range(self.place + 1, self.head + 1))
        self.save(enabled=True, catch_up=NOW)

    @property
    def by(self) -> By:
        return By(Actor(email="ana@acme.example"), datetime.now(UTC))

    @property
    def fresh(self) -> Stream:
        return Stream.objects.select_related("cursor").get(pk=self.stream.pk)

    @property
    def head(self) -> int:
        return LogHead.objects.get(pk=self.tenant.pk).last_sequence

    @property
    def arrived(self) -> list[int]:
        return [arrival.sequence or 0 for arrival in self.intake.received(self.kind)]

    @precondition(lambda self: hasattr(self, "stream"))
    @invariant()
    def the_place_never_moves_back(self) -> None:
        place = self.fresh.cursor.place
        assert place >= self.place
        if self.filtered:
            others = AuditEntry.objects.of(self.tenant).filter(sequence__gt=self.place, sequence__lte=place)
            self.passed |= set(others.exclude(done_by=BOB).values_list("sequence", flat=True)) - self.left_out
        self.place = place

    @precondition(lambda self: hasattr(self, "stream"))
    @invariant()
    def every_entry_is_counted_once(self) -> None:
        self.the_place_never_moves_back()
        cursor, health = self.fresh.cursor, health_of(self.fresh, now=datetime.now(UTC))
        counted = health.delivered + health.waiting + health.set_aside + health.not_streamed
        assert health.recorded == counted == AuditEntry.objects.of(self.tenant).count()
        rows = SetAside.objects.all()
        assert cursor.set_aside == rows.filter(resolution="").count()
        assert cursor.left_out == len(self.left_out) + rows.filter(resolution=Resolution.DISMISSED).count()
        assert cursor.not_matching == len(self.passed)

    @precondition(lambda self: hasattr(self, "stream"))
    @invariant()
    def what_counts_as_delivered_has_arrived_and_first_arrivals_are_in_order(self) -> None:
        apart = SetAside.objects.exclude(resolution=Resolution.SENT).values_list("sequence", flat=True)
        missed = self.left_out | self.passed | set(apart)
        assert set(range(1, self.place + 1)) - missed <= set(self.arrived)
        # Set-asides come behind others, and Elasticsearch takes what stands behind a refused document.
        ever_apart = self.unsettled | set(SetAside.objects.values_list("sequence", flat=True))
        flowed = [number for number in self.arrived if number not in ever_apart]
        assert self.kind == ELASTICSEARCH or flowed == sorted(flowed)

    @precondition(lambda self: hasattr(self, "stream"))
    @invariant()
    def whatever_waits_for_nothing_is_found_by_the_sweep(self) -> None:
        cursor = self.fresh.cursor
        again = SetAside.objects.filter(send_again=True).exists()
        works = cursor.place < self.head or cursor.ack_id is not None or again
        waits = cursor.next_attempt_at is not None or cursor.leased_until is not None
        if self.fresh.enabled and works and not waits:
            assert Cursor.objects.due().filter(pk=cursor.pk).exists()

    def teardown(self) -> None:
        if not hasattr(self, "stream"):
            return
        try:
            self._all_arrives_in_the_end()
        finally:
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)

    def _all_arrives_in_the_end(self) -> None:
        self.intake.heal()
        self.leases_run_out()
        self.save(enabled=True)
        self.send_again()
        for _ in range(60):
            make_due(self.stream)
            if not Cursor.objects.due().exists():
                break
            deliver_all(self.stream)
        self.the_place_never_moves_back()
        assert (self.place, SetAside.objects.filter(resolution="").count()) == (self.head, 0)
        self.what_counts_as_delivered_has_arrived_and_first_arrivals_are_in_order()
        self.every_entry_is_counted_once()
