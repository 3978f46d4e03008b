from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from audit.models import Tenant
from tests.streams import MakeStream, deliver_all


def status(*arguments: str) -> str:
    out = StringIO()
    call_command("stream_status", *arguments, stdout=out)
    return out.getvalue()


def test_the_numbers_of_the_stream_are_told_as_json(make_stream: MakeStream) -> None:
    deliver_all(make_stream("splunk_hec"))

    answer = json.loads(status("--tenant", "acme", "--json"))

    named = {"state", "delivered", "waiting", "set_aside", "lag_seconds", "last_error", "next_attempt_at"}
    assert named <= answer.keys()
    assert (answer["state"], answer["delivered"], answer["waiting"], answer["lag_seconds"]) == (
        "healthy",
        1,
        0,
        0.0,
    )


def test_the_numbers_are_told_in_words(make_stream: MakeStream) -> None:
    make_stream("splunk_hec")

    assert "waiting: 1" in status("--tenant", "acme")


def test_a_tenant_without_a_stream_is_told_how_to_make_one(acme: Tenant) -> None:
    with pytest.raises(CommandError, match="set_stream"):
        status("--tenant", acme.slug)


def test_which_entries_go_in_what_form_is_told(make_stream: MakeStream) -> None:
    make_stream("http_bearer", entry_filter="category=user_actions", framing="ndjson")

    answer = json.loads(status("--tenant", "acme", "--json"))

    assert (answer["filter"], answer["format"], answer["framing"]) == (
        "category=user_actions",
        "native",
        "ndjson",
    )
