"""`create_api_key`: prints a key that opens, alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from audit import keys
from audit.models import ApiKey, AuditEntry, Tenant


def create(*more: str) -> str:
    out = StringIO()
    call_command("create_api_key", "--tenant", "acme", "--name", "platform", *more, stdout=out)
    return out.getvalue()


def test_the_key_is_printed_alone_and_opens(acme: Tenant) -> None:
    text = create("--scope", "ingest", "--scope", "read")

    key = keys.recognise(text.removesuffix("\n"), now=datetime.now(UTC))
    assert (key.tenant, key.name, key.scopes) == (acme, "platform", ["ingest", "read"])
    entry = AuditEntry.objects.of(acme).get()
    assert (entry.event, entry.done_by) == ("users.api_key_created", "Command line")


@pytest.mark.usefixtures("acme")
def test_a_program_gets_one_json_object() -> None:
    answer = json.loads(create("--scope", "read", "--days", "7", "--json"))

    assert keys.recognise(answer["key"], now=datetime.now(UTC)).prefix == answer["prefix"]
    assert datetime.fromisoformat(answer["expires_at"]) < datetime.now(UTC) + timedelta(days=8)


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize(
    ("more", "why"),
    [
        (["--scope", "read", "--days", "400"], "after a year at the latest"),
        (["--scope", "read", "--days", "0"], "in the future"),
        (["--scope", "write"], "invalid choice"),
        ([], "--scope"),
        (["--scope", "read", "--name", " "], "needs a name"),
        (["--scope", "read", "--tenant", "other"], "No tenant has the slug 'other'"),
    ],
)
def test_what_cannot_be_a_key_is_refused(more: list[str], why: str) -> None:
    with pytest.raises(CommandError, match=why):
        create(*more)

    assert not ApiKey.objects.exists()
