"""`order=sequence` is complete: pollers see every committed entry once, whoever writes or dies meanwhile."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from django.db import connection

from audit.models import AuditEntry, LogHead, Tenant
from tests.audit.api.caller import Caller, answered, caller
from tests.audit.api.writers import NAME, WRITERS
from tests.committing import workers

# Five minutes for twenty: `AUDITSITE_TEST_SEEDS=20`.
SEEDS = range(int(os.environ.get("AUDITSITE_TEST_SEEDS", "1")))
# Of each kind: a process by SIGKILL, a connection by its administrator.
KILLED = 6
BUSY = """
SELECT pid, application_name FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE %s AND (xact_start IS NOT NULL OR %s)
ORDER BY state <> 'idle in transaction', pid
"""

# What a poller saw of each log: sequences and ids, in the order in which they came.
Seen = dict[str, list[tuple[int, str]]]


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("tenants", [1, WRITERS])
@pytest.mark.usefixtures("committing_db")
def test_pollers_see_every_entry_once_whoever_writes_or_dies_meanwhile(
    tenants: int, seed: int, tmp_path: Path
) -> None:
    logs = [Tenant.objects.create(slug=f"tenant-{n}", name=f"Tenant {n}") for n in range(tenants)]
    platforms = {log.slug: caller(log) for log in logs}
    done, ledger = threading.Event(), tmp_path / "ledger"

    with workers(2) as start, _writing(ledger, seed, list(platforms)) as writers:
        early = start(_poll, platforms, done, limit=7)
        try:
            killed = _kill(KILLED, random.Random(seed))
            late = start(_poll, platforms, done, limit=50)
            killed += _kill(KILLED, random.Random(seed))
            assert writers.wait(120) == 0
            _wait_for_the_last_connection()
        finally:
            done.set()

    assert killed >= Counter({signal.SIGKILL: KILLED, signal.SIGTERM: KILLED})
    written = {log.slug: _in_the_log(log) for log in logs}
    assert early.result() == late.result() == written
    for log in logs:
        numbers = [number for number, _ in written[log.slug]]
        assert numbers == list(range(1, LogHead.objects.get(tenant=log).last_sequence + 1))
    _check_batches(ledger)


@contextmanager
def _writing(ledger: Path, seed: int, slugs: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    database = connection.settings_dict["NAME"]
    command = [sys.executable, "-m", "tests.audit.api.writers", database, str(ledger), str(seed), *slugs]
    with subprocess.Popen(command) as process:
        yield process


def _kill(number: int, rng: random.Random) -> Counter[int]:
    """Ends so many writers in the middle of a transaction, as far as there are so many; how many in which way."""
    killed: Counter[int] = Counter()
    while killed.total() < number and (busy := _wait_for_busy()):
        backend, name = rng.choice(busy[:3])
        if killed[signal.SIGKILL] < killed[signal.SIGTERM]:
            with suppress(ProcessLookupError):  # it came to its end in between
                os.kill(int(name.split()[1]), signal.SIGKILL)
                killed[signal.SIGKILL] += 1
        else:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s)", [backend])
                killed[signal.SIGTERM] += cursor.fetchone()[0]
        time.sleep(0.02)
    return killed


def _wait_for_busy() -> list[tuple[int, str]]:
    """The writers in a transaction, those first that hold it open; none where none comes within ten seconds."""
    for _ in range(2_000):
        if found := _connections(all_of_them=False):
            return found
        time.sleep(0.005)
    return []


def _wait_for_the_last_connection() -> None:
    """What a killed writer had sent may still be committed after its death."""
    while _connections(all_of_them=True):
        time.sleep(0.01)


def _connections(*, all_of_them: bool) -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(BUSY, [f"{NAME} %", all_of_them])
        return list(cursor.fetchall())


def _poll(platforms: dict[str, Caller], done: threading.Event, *, limit: int) -> Seen:
    """What a service sees that goes on from cursor to cursor in each log until nothing comes any more."""
    seen: Seen = {slug: [] for slug in platforms}
    cursors: dict[str, dict[str, str]] = {slug: {} for slug in platforms}
    while True:
        last_round, before = done.is_set(), sum(map(len, seen.values()))
        for slug, platform in platforms.items():
            page = answered(platform.get(order="sequence", limit=limit, **cursors[slug]))
            seen[slug] += [(entry["sequence"], entry["id"]) for entry in page["entries"]]
            cursors[slug] = {"cursor": page["next"]}
        if sum(map(len, seen.values())) == before:
            if last_round:
                return seen
            time.sleep(0.02)


def _in_the_log(tenant: Tenant) -> list[tuple[int, str]]:
    rows = AuditEntry.objects.of(tenant).order_by("sequence").values_list("sequence", "id")
    return [(number, str(found)) for number, found in rows]


def _check_batches(ledger: Path) -> None:
    """What was answered is so, and of what was cut short there is all or nothing."""
    told = dict(line.split() for line in ledger.read_text(encoding="ascii").splitlines())
    found = Counter(AuditEntry.objects.exclude(details="").values_list("details", flat=True))

    assert {name for name, how in told.items() if how == "kept"} <= found.keys()
    assert not {name for name, how in told.items() if how == "taken_back"} & found.keys()
    assert {name: int(name.rpartition("-")[2]) for name in found} == found
