from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from audit.models import AuditEntry, Tenant
from audit.partitions import alone, make_month, month_of, name_of
from tests.committing import workers
from tests.entries import make_entry
from tests.streams import MakeStream

# A month of two years ago, whenever the tests run.
OLD = datetime.now(UTC) - timedelta(days=730)
NAME = name_of(month_of(OLD, 0))


def applied(*arguments: str) -> str:
    out = StringIO()
    call_command("apply_retention", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def old(acme: Tenant) -> Tenant:
    make_month(OLD.date())
    make_entry(acme, at=OLD, now=OLD)
    return acme


def test_a_dry_run_and_then_the_removal_are_told_as_json(old: Tenant) -> None:
    plan, done = (json.loads(applied(*options, "--json")) for options in (["--dry-run"], []))

    assert (plan["dry_run"], done["dry_run"]) == (True, False)
    for answer in (plan, done):
        (month,) = (month for month in answer["months"] if month["partition"] == NAME)
        assert (month["entries"], month["tenants"], month["removed"]) == (1, ["acme"], True)
    assert [entry.sequence for entry in AuditEntry.objects.of(old)] == [2]


@pytest.mark.usefixtures("old")
def test_what_happens_is_told_in_words() -> None:
    assert f"{OLD:%Y-%m}: 1 entries would be removed." in applied("--dry-run")
    Tenant.objects.update(legal_hold=True)
    assert f"{OLD:%Y-%m}: 1 entries kept. acme has a legal hold." in applied()
    Tenant.objects.update(legal_hold=False)
    assert f"{OLD:%Y-%m}: 1 entries removed." in applied()


@pytest.mark.usefixtures("old")
def test_what_a_stream_has_yet_to_deliver_stays_unless_asked_for(make_stream: MakeStream) -> None:
    make_stream("splunk_hec")

    assert "yet to deliver from entry 1" in applied()
    assert "1 entries removed." in applied("--undelivered")


@pytest.mark.usefixtures("committing_db")
def test_a_second_one_at_the_same_time_is_told_so() -> None:
    with alone(), workers(1) as start, pytest.raises(CommandError, match="Try again later"):
        start(applied).result(timeout=10)


@pytest.mark.django_db
def test_a_log_without_old_months_has_nothing_to_remove() -> None:
    assert applied() == "No month of the log is past the retention.\n"
