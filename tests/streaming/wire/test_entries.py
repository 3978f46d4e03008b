from __future__ import annotations

import msgspec
import pytest

from streaming.wire.entries import Actor, Named, read_entry, read_named
from streaming.wire.payload import Payload
from tests.streaming.wire.payloads import entry, payload


def test_an_entry_is_read_with_its_parameters_untouched() -> None:
    read = read_entry(payload(parameters={"b": 1.5, "a": "ü"}).body)

    assert (read.event, read.sequence, read.actor.email) == (
        "workflows.workflow_published",
        41,
        "ana@acme.example",
    )
    assert bytes(read.parameters) == '{"a":"ü","b":1.5}'.encode()
    assert read.has_parameters
    assert not read_entry(payload(parameters={}).body).has_parameters


def test_what_may_be_null_is_none() -> None:
    read = read_entry(payload(workspace=None, target=None, context=None, external_id=None).body)

    assert (read.workspace, read.target, read.context, read.external_id) == (None, None, None, None)


def test_keys_of_a_later_schema_are_passed_over() -> None:
    later = entry(schema=2, region="eu", actor={"type": "user", "email": "vic@acme.example", "badge": 7})

    read = read_entry(msgspec.json.encode(later))

    assert (read.schema, read.actor.email) == (2, "vic@acme.example")


def test_who_has_no_address_goes_by_name() -> None:
    assert Actor(email="ana@acme.example", name="Ana").login == "ana@acme.example"
    assert Actor(email="", name="ci").login == "ci"
    assert Actor().login is None


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        (b'{"username":"vic","role":"auditor"}', ("vic", None, "auditor")),
        (b'{"service_account":"ci","group_name":"SOC"}', ("ci", "SOC", None)),
        (b'{"username":7,"group_name":["a"],"role":""}', (None, None, None)),
        (b"{}", (None, None, None)),
    ],
)
def test_parameters_name_people_groups_and_roles(parameters: bytes, named: tuple[str | None, ...]) -> None:
    read: Named = read_named(parameters)

    assert (read.account, read.group, read.new_role) == named


def test_a_payload_is_the_same_whether_read_or_parsed() -> None:
    given: Payload = payload(9)

    assert read_entry(given.body).id == given.parsed()["id"]
