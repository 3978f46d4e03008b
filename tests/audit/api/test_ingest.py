"""POST /entries: what is taken, and what the answer says."""

from __future__ import annotations

import gzip
import json

import pytest
from django.http import HttpResponse
from pytest_django import DjangoAssertNumQueries

from audit.models import ApiKey, AuditEntry, Tenant, Workspace
from tests.audit.api.caller import Caller, answered, caller, entry, errors


def _recorded() -> list[AuditEntry]:
    """What the services sent; the making of their keys is left out."""
    return list(AuditEntry.objects.exclude(event="users.api_key_created").order_by("sequence"))


def test_one_entry_is_recorded_and_answered_with_its_sequence(platform: Caller) -> None:
    response = platform.post(entry())

    assert response.status_code == 201
    assert answered(response) == {"accepted": 1, "duplicates": 0, "first_sequence": 2, "last_sequence": 2}
    [recorded] = _recorded()
    assert (recorded.event, recorded.done_by) == ("workflows.workflow_published", "ana@acme.example")
    assert recorded.producer == "platform"


def test_all_that_an_entry_may_carry_is_in_its_body(platform: Caller, soc: Workspace) -> None:
    sent = entry(
        workspace="soc",
        details="Published by hand.",
        target={"type": "workflow", "id": "w-1", "name": "Triage"},
        outcome="failure",
        context={"ip": "203.0.113.7", "user_agent": "curl/8", "request_id": "r-1"},
        occurred_at="2026-11-24T09:15:30.123456+01:00",
        external_id="evt-1",
        parameters={"n": 7, "list": [1, 2.5, None, True], "deep": {"a": {"b": "ü"}}},
    )

    platform.post(sent)

    body = json.loads(bytes(_recorded()[0].body))
    for name in ("details", "outcome", "context", "external_id", "parameters", "target"):
        assert body[name] == sent[name]
    assert body["workspace"] == {"id": str(soc.pk), "slug": "soc", "name": "SOC"}
    assert body["occurred_at"] == "2026-11-24T08:15:30.123456Z"
    assert body["actor"] == {"type": "user", "id": "", "email": "ana@acme.example", "name": "Ana"}


def test_an_array_is_recorded_in_its_order(platform: Caller) -> None:
    response = platform.post([entry(details=f"{n}") for n in range(1000)])

    assert answered(response) == {
        "accepted": 1000, "duplicates": 0, "first_sequence": 2, "last_sequence": 1001,
    }  # fmt: skip
    assert [int(one.details) for one in _recorded()] == list(range(1000))


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\n\n"])
def test_ndjson_is_recorded_line_by_line(platform: Caller, ending: bytes) -> None:
    body = ending.join(json.dumps(entry(details=name)).encode() for name in ("a", "b")) + ending

    response = platform.post(body, kind="application/x-ndjson")

    assert answered(response)["accepted"] == 2
    assert [one.details for one in _recorded()] == ["a", "b"]


@pytest.mark.parametrize("members", [1, 2])
def test_a_gzip_body_is_unpacked(platform: Caller, members: int) -> None:
    text = json.dumps([entry(), entry()]).encode()
    half = len(text) // members
    packed = b"".join(gzip.compress(text[n * half : (n + 1) * half]) for n in range(members))
    packed += gzip.compress(text[members * half :])

    response = platform.post(packed, Content_Encoding="gzip")

    assert answered(response)["accepted"] == 2


def test_an_entry_by_a_service_names_it(platform: Caller) -> None:
    platform.post(entry(actor={"type": "service_account", "name": "runner-fleet"}))

    assert _recorded()[0].done_by == "runner-fleet"


def test_a_workspace_is_named_by_id_too(platform: Caller, soc: Workspace) -> None:
    response = platform.post([entry(workspace=str(soc.pk)), entry(workspace="soc"), entry(workspace=None)])

    assert response.status_code == 201
    assert [one.workspace_id for one in _recorded()] == [soc.pk, soc.pk, None]


def test_an_entry_sent_again_is_a_duplicate_with_the_first_ones_sequence(platform: Caller) -> None:
    platform.post(entry(external_id="evt-1", details="first"))

    response = platform.post([entry(external_id="evt-1", details="again")])

    assert response.status_code == 201
    assert answered(response) == {"accepted": 0, "duplicates": 1, "first_sequence": 2, "last_sequence": 2}
    assert [one.details for one in _recorded()] == ["first"]


def test_the_same_id_in_another_tenant_is_another_entry(platform: Caller, globex: Tenant) -> None:
    platform.post(entry(external_id="evt-1"))

    response = caller(globex).post(entry(external_id="evt-1"))

    assert answered(response)["accepted"] == 1


def test_a_time_far_away_is_taken_and_flagged(platform: Caller) -> None:
    platform.post(entry(occurred_at="1999-12-31T23:59:59Z"))

    [recorded] = _recorded()
    assert recorded.occurred_at.year == 1999
    assert recorded.clock_is_off


def test_the_database_is_asked_for_the_key_and_the_workspaces_once(
    platform: Caller, soc: Workspace, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert soc.slug == "soc"
    ApiKey.objects.update(last_used_at="2999-01-01T00:00:00Z")

    # the key, the workspaces; savepoint, COPY, savepoint released; the one that takes numbers is psycopg's own
    with django_assert_num_queries(5):
        response = platform.post([entry(workspace="soc") for _ in range(50)])

    assert response.status_code == 201


def _refused(response: HttpResponse) -> dict[str, str]:
    assert response.status_code == 422
    assert _recorded() == []
    return errors(response)


def test_nothing_of_a_batch_is_recorded_when_one_item_is_wrong(platform: Caller) -> None:
    wrong = [entry(), entry(), entry(), entry(event="workflows.workflow_publishd")]

    response = platform.post(wrong)

    assert _refused(response) == {"/3/event": "event_unknown"}
    assert "workflows.workflow_published" in answered(response)["errors"][0]["msg"]


def test_every_mistake_of_every_item_is_named(platform: Caller) -> None:
    wrong = [
        {"actor": {"email": "ana@acme.example"}},
        entry(actor={"email": "nobody"}, details="\x00"),
        entry(tenant="globex", parameters=[], context={"ip": "x"}),
        "text",
        entry(actor={"name": 7, "nick": "x"}),
    ]

    assert _refused(platform.post(wrong)) == {
        "/0/event": "missing",
        "/1/actor/email": "email_invalid",
        "/1/details": "nul_character",
        "/2/tenant": "key_unknown",
        "/2/parameters": "type_invalid",
        "/3": "type_invalid",
        "/4/actor/name": "type_invalid",
        "/4/actor/nick": "key_unknown",
    }


def test_no_more_than_a_hundred_mistakes_are_listed(platform: Caller) -> None:
    response = platform.post([entry(event=f"no.event_{n}") for n in range(1000)])

    assert len(_refused(response)) == 100


def test_a_single_entry_is_pointed_into_without_an_index(platform: Caller) -> None:
    assert _refused(platform.post(entry(event="x"))) == {"/event": "event_unknown"}


def test_a_workspace_of_another_tenant_is_unknown(platform: Caller, globex: Tenant, soc: Workspace) -> None:
    foreign = Workspace.objects.create(tenant=globex, slug="soc-2", name="SOC 2")

    response = platform.post(
        [entry(workspace=str(foreign.pk)), entry(workspace="soc-2"), entry(workspace="\x00")]
    )

    found = _refused(response)
    assert found == dict.fromkeys(["/0/workspace", "/1/workspace", "/2/workspace"], "workspace_unknown")
    assert f"did you mean '{soc.slug}'?" in answered(response)["errors"][1]["msg"]


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-24T08:15:30",
        "2026-11-24",
        "yesterday",
        1764000000,
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_a_time_that_cannot_be_placed_is_refused(platform: Caller, moment: object) -> None:
    found = _refused(platform.post(entry(occurred_at=moment)))

    assert found.keys() == {"/occurred_at"}
