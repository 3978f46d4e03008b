from __future__ import annotations

from audit.catalog.areas.tenant_admin_settings import AUDIT_LOG_STREAMING_TESTED
from audit.models import Tenant
from streaming.changing import told_of
from streaming.models import Stream
from tests.streams import ANA


def test_an_entry_names_the_stream_without_what_may_be_a_secret(acme: Tenant) -> None:
    stream = Stream(
        tenant=acme, name="North", destination_kind="http_bearer", url="https://x.example/in?key=canary"
    )

    draft = told_of(stream, AUDIT_LOG_STREAMING_TESTED, {"result": "passed"}, ANA, details="Fine.")

    assert draft.parameters == {
        "stream_name": "North",
        "destination_type": "http_bearer",
        "url": "https://x.example/in",
        "result": "passed",
    }
    assert (draft.actor.email, draft.details) == ("ana@acme.example", "Fine.")
