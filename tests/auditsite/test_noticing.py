from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest

from audit.models import Person, Tenant
from auditsite.noticing import send_notices
from streaming.models import Cursor, State, Stream
from tests.fakes.mail import Mailbox


@pytest.mark.usefixtures("ana")
def test_a_round_sends_what_is_due_and_says_so(
    acme: Tenant, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    stream = Stream.objects.create(tenant=acme, url="https://x.example", enabled=True)
    since = datetime.now(UTC) - timedelta(hours=1)
    Cursor.objects.create(stream=stream, state=State.RETRYING, troubled_since=since)

    with caplog.at_level(logging.INFO):
        send_notices()
        send_notices()

    assert mailbox.subjects == ["[Auditsite] Acme: SIEM takes no entries"]
    assert [record.getMessage() for record in caplog.records if record.name == "auditsite.noticing"] == [
        "Notices of streams sent: 1."
    ]
    assert Person.objects.count() == 1
