from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from auditsite.demo.intake import Intake
from auditsite.reconciling import reconcile
from streaming import leasing
from streaming.models import WorkerSeen
from tests.streams import MakeStream

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def sweep_ran(ago: timedelta) -> None:
    WorkerSeen.objects.update_or_create(hostname="somewhere", defaults={"at": NOW - ago})


@pytest.mark.parametrize("ago", [None, timedelta(seconds=7)])
def test_what_is_due_is_delivered_when_no_sweep_has_run_lately(
    ago: timedelta | None,
    make_stream: MakeStream,
    loopback: Intake,
) -> None:
    make_stream("splunk_hec")
    if ago is not None:
        sweep_ran(ago)

    assert reconcile(now=NOW) == 1

    assert [arrival.sequence for arrival in loopback.received("splunk_hec")] == [1]


def test_what_a_killed_worker_held_is_delivered_without_a_sweep(
    make_stream: MakeStream, loopback: Intake
) -> None:
    ended = subprocess.Popen(["/bin/true"])
    ended.wait()
    stream = make_stream("splunk_hec")
    leasing.claim(stream.pk, owner=leasing.owner_name().replace(f"|{os.getpid()}|", f"|{ended.pid}|"))

    assert reconcile(now=NOW) == 1

    assert len(loopback.received("splunk_hec")) == 1


def test_while_sweeps_run_nothing_is_done_beside_them(
    make_stream: MakeStream,
    loopback: Intake,
) -> None:
    make_stream("splunk_hec")
    sweep_ran(timedelta(seconds=3))

    assert reconcile(now=NOW) == 0

    assert loopback.received("splunk_hec") == []
