"""`order=sequence` is complete: pollers see every committed entry once, whoever writes or takes back meanwhile."""

from __future__ import annotations

import os
import random
import threading
import time
from concurrent.futures import wait

import pytest
from django.db import transaction
from django.utils import timezone

from audit import recording
from audit.models import LogHead, Tenant
from tests.audit.api.caller import Caller, answered, caller
from tests.committing import workers
from tests.entries import draft

WRITERS, ROUNDS = 32, 3
# Three minutes for twenty: `AUDITSITE_TEST_SEEDS=20`.
SEEDS = range(int(os.environ.get("AUDITSITE_TEST_SEEDS", "2")))


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.usefixtures("committing_db")
def test_pollers_see_every_entry_once_whoever_writes_meanwhile(seed: int) -> None:
    acme = Tenant.objects.create(slug="acme", name="Acme")
    platform, done = caller(acme), threading.Event()

    with workers(WRITERS + 3) as start:
        early = start(_poll, platform, done, limit=7)
        try:
            slow = start(_dawdle, acme)
            writers = [start(_write, acme, seed * WRITERS + number) for number in range(WRITERS)]
            wait(writers[: WRITERS // 2])
            late = start(_poll, platform, done, limit=50)
            kept = sum(writer.result() for writer in writers) + slow.result()
        finally:
            done.set()

    last = LogHead.objects.get(tenant=acme).last_sequence
    assert last == kept + 1  # the making of the key is an entry, too
    assert early.result() == late.result() == list(range(1, last + 1))


def _poll(platform: Caller, done: threading.Event, *, limit: int) -> list[int]:
    """What a service sees that goes on from cursor to cursor until nothing comes any more."""
    seen: list[int] = []
    cursor: dict[str, str] = {}
    while True:
        last_round = done.is_set()
        page = answered(platform.get(order="sequence", limit=limit, **cursor))
        seen += [entry["sequence"] for entry in page["entries"]]
        cursor = {"cursor": page["next"]}
        if last_round and not page["entries"]:
            return seen


def _write(tenant: Tenant, seed: int) -> int:
    """Batches, of which some are taken back; how many entries were kept."""
    rng, kept = random.Random(seed), 0
    for _ in range(ROUNDS):
        drafts = [draft() for _ in range(rng.randint(1, 9))]
        taken_back = rng.random() < 0.3
        with transaction.atomic():
            recording.record_many(tenant=tenant, drafts=drafts, now=timezone.now())
            transaction.set_rollback(taken_back)
        kept += 0 if taken_back else len(drafts)
    return kept


def _dawdle(tenant: Tenant) -> int:
    """One entry whose transaction stays open for a while, with the head's lock."""
    with transaction.atomic():
        recording.record(tenant=tenant, draft=draft(details="slow"), now=timezone.now())
        time.sleep(0.5)
    return 1
