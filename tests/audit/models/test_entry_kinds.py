from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from audit import recording
from audit.models import EntryKind, Tenant, Workspace
from audit.models.entry_kinds import KIND
from tests.committing import workers
from tests.entries import NOON, draft, make_entry, place


def kinds(tenant: Tenant) -> list[tuple[Any, ...]]:
    return sorted(EntryKind.objects.filter(tenant=tenant).values_list(*KIND))


LOGGED_IN = ("users.user_logged_in", "users", "user_actions", "user", "success", False)
PUBLISHED = ("workflows.workflow_published", "workflows", "user_actions")


def test_each_kind_of_entry_is_noted_once_by_tenant(acme: Tenant, globex: Tenant, soc: Workspace) -> None:
    batch = [
        draft("users.user_logged_in"),
        draft(workspace=place(soc)),
        draft(workspace=place(soc), by="backup", outcome="failure"),
    ]

    recording.record_many(tenant=acme, drafts=batch * 2, now=NOON)
    recording.record_many(tenant=acme, drafts=batch[:1], now=NOON)
    make_entry(globex, "users.user_logged_in")

    assert kinds(globex) == [LOGGED_IN]
    assert [kind[0] for kind in kinds(acme)] == [LOGGED_IN[0], PUBLISHED[0], PUBLISHED[0]]
    assert [kind[3:] for kind in kinds(acme)[1:]] == [
        ("service_account", "failure", True),
        ("user", "success", True),
    ]


@pytest.mark.usefixtures("committing_db")
def test_an_entry_that_comes_alone_notes_its_kind_too() -> None:
    acme = Tenant.objects.create(slug="acme", name="Acme")
    with workers(1) as start:
        for _ in range(3):
            alone = start(
                recording.record_many, tenant=acme, drafts=[draft("users.user_logged_in")], now=NOON
            )
            assert alone.result().accepted == 1

    assert kinds(acme) == [LOGGED_IN]


@pytest.mark.usefixtures("committing_db")
def test_what_is_rolled_back_notes_nothing() -> None:
    acme = Tenant.objects.create(slug="acme", name="Acme")
    with transaction.atomic():
        make_entry(acme)
        transaction.set_rollback(True)

    assert kinds(acme) == []


def test_a_kind_is_neither_changed_nor_removed(acme: Tenant) -> None:
    make_entry(acme)
    noted = EntryKind.objects.filter(tenant=acme)

    for change in (lambda: noted.update(event="x"), noted.delete, _truncate):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
    assert noted.count() == 1


def _truncate() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE audit_entrykind")
