from __future__ import annotations

import json
from pathlib import Path

import pytest
from auditsite_client import Context, acting
from auditsite_client.django import nudging
from auditsite_client.django.configured import client_for
from auditsite_client.django.models import OutboxEntry
from auditsite_client.django.recording import record, record_in_transaction
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from tests.clients.python.server import Server


def test_the_outbox_holds_the_entry_as_it_will_be_sent(outbox_db: Server) -> None:
    with acting(Context(actor="ana@acme.example", ip="203.0.113.7")):
        external_id = record_in_transaction("cases.case_shared", tenant="acme", parameters={"n": 1})

    kept = OutboxEntry.objects.get()
    entry = json.loads(kept.body)
    assert (kept.tenant, entry["external_id"], entry["context"]) == (
        "acme",
        external_id,
        {"ip": "203.0.113.7"},
    )
    assert entry["actor"] == {"email": "ana@acme.example"}
    assert outbox_db.requests == []


@pytest.mark.parametrize(("wanted", "nudges"), [(True, 1), (False, 0)])
def test_a_nudge_comes_after_commit_where_it_is_wanted(
    outbox_db: Server,
    settings: Settings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    wanted: bool,
    nudges: int,
) -> None:
    assert outbox_db.requests == []
    settings.AUDITSITE_CLIENT = {**settings.AUDITSITE_CLIENT, "NUDGE": wanted}

    with django_capture_on_commit_callbacks() as callbacks:
        record_in_transaction("cases.case_shared", actor="ana@acme.example")

    assert [callback.func for callback in callbacks] == [nudging.nudge] * nudges  # type: ignore[attr-defined] # a partial


def test_each_tenant_has_a_queue_and_a_key_of_its_own(producer: Server, folder: Path) -> None:
    record("cases.case_shared", tenant="acme", actor="ana@acme.example", parameters={"n": 1})
    record("cases.case_shared", actor="ana@acme.example", parameters={"n": 2})

    assert client_for("acme").flush(10)
    assert client_for("").flush(10)
    assert {headers["Authorization"] for headers in producer.headers} == {
        "Bearer alk_acme",
        "Bearer alk_default",
    }
    assert sorted(path.name for path in folder.iterdir()) == ["acme", "default"]
