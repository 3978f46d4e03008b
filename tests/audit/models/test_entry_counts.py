from __future__ import annotations

from datetime import UTC, timedelta, timezone

import pytest

from audit import recording
from audit.models import EntryCount, Tenant
from tests.committing import workers
from tests.entries import NOON, draft, make_entry

SETTING, USER = "tenant_admin_settings.saml_settings_updated", "users.user_logged_in"


def counts(tenant: Tenant) -> list[tuple[int, str, int]]:
    """Hours since NOON, category, number."""
    found = EntryCount.objects.filter(tenant=tenant).values_list("hour", "category", "number")
    return sorted(((hour - NOON) // timedelta(hours=1), category, number) for hour, category, number in found)


def test_entries_are_counted_by_their_hour_and_category_in_utc(acme: Tenant, globex: Tenant) -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    batch = [
        draft(USER),
        draft(USER, occurred_at=(NOON + timedelta(minutes=59)).astimezone(india)),
        draft(USER, occurred_at=NOON - timedelta(microseconds=1)),
        draft(SETTING),
    ]

    recording.record_many(tenant=acme, drafts=batch, now=NOON)
    recording.record_many(tenant=acme, drafts=batch[:2], now=NOON)
    make_entry(globex, USER)

    categories = draft(SETTING).event.category.value, draft(USER).event.category.value
    assert counts(acme) == sorted([(-1, categories[1], 1), (0, categories[0], 1), (0, categories[1], 4)])
    assert counts(globex) == [(0, categories[1], 1)]


def test_what_is_sent_again_is_not_counted_again(acme: Tenant) -> None:
    for _ in range(2):
        recording.record_many(tenant=acme, drafts=[draft(USER, external_id="a-1")], now=NOON)

    assert [number for *_, number in counts(acme)] == [1]


@pytest.mark.usefixtures("committing_db")
def test_entries_that_come_alone_are_counted_one_by_one() -> None:
    acme = Tenant.objects.create(slug="acme", name="Acme")
    moment = (NOON + timedelta(minutes=30)).astimezone(UTC)
    with workers(2) as start:
        for one in [start(recording.record, tenant=acme, draft=draft(USER), now=moment) for _ in range(8)]:
            assert one.result().accepted == 1

    assert [(hour, number) for hour, _, number in counts(acme)] == [(0, 8)]
