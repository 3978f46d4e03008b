from __future__ import annotations

import json
from typing import Any

import pytest

from streaming.wire.ecs import bulk_body, ecs_document
from tests.streaming.wire.payloads import entry, payload, payloads

STREAM = "logs-auditsite.audit-default"
DOCUMENT = {
    "@timestamp": "2026-11-24T08:15:30.123Z",
    "ecs": {"version": "8.17.0"},
    "message": "Went live.",
    "event": {
        "id": "00000000-0000-0000-0000-000000000029",
        "sequence": 41,
        "created": "2026-11-24T08:15:30.204Z",
        "kind": "event",
        "category": ["configuration"],
        "type": ["change"],
        "action": "workflow-published",
        "code": "workflows.workflow_published",
        "outcome": "success",
        "module": "auditsite",
        "dataset": "auditsite.audit",
        "provider": "audit",
    },
    "data_stream": {"type": "logs", "dataset": "auditsite.audit", "namespace": "default"},
    "organization": {"id": "t-1", "name": "Acme"},
    "labels": {"workspace_id": "w-1", "workspace": "SOC", "workspace_slug": "soc"},
    "user": {"id": "u-1", "email": "ana@acme.example", "name": "ana@acme.example", "full_name": "Ana"},
    "related": {"user": ["ana@acme.example"], "ip": ["203.0.113.7"]},
    "service": {"name": "auditsite"},
    "observer": {"vendor": "Auditsite", "product": "Auditsite"},
    "auditsite": {
        "audit": {
            "area": "Workflows",
            "category": "System configuration",
            "action": "Workflow published",
            "actor_type": "user",
            "tenant": "acme",
            "producer": "platform",
            "external_id": "evt-991",
            "schema": 1,
            "parameters_json": '{"version":"7","workflow_name":"Triage"}',
        }
    },
    "source": {"address": "203.0.113.7", "ip": "203.0.113.7"},
    "user_agent": {"original": "curl/8"},
    "http": {"request": {"id": "r-1"}},
}


def document(**changes: Any) -> dict[str, Any]:
    return ecs_document(payload(**changes), stream=STREAM)


def test_an_entry_becomes_an_ecs_document() -> None:
    assert document(details="Went live.") == DOCUMENT


def test_an_entry_without_extras_has_no_empty_fields() -> None:
    bare = document(
        workspace=None,
        context=None,
        external_id=None,
        parameters={},
        actor={"type": "system", "name": "Auditsite"},
    )

    assert not {"labels", "source", "user_agent", "http", "group"} & set(bare)
    assert bare["user"] == {"name": "Auditsite"}
    assert "parameters_json" not in bare["auditsite"]["audit"]


def test_an_address_that_is_none_never_reaches_an_ip_field() -> None:
    assert document(context={"ip": "unknown"})["source"] == {"address": "unknown"}
    assert "ip" not in document(context={"ip": "unknown"})["related"]


@pytest.mark.parametrize(
    ("kind", "place"), [("user", "user"), ("service_account", "user"), ("group", "group")]
)
def test_a_target_goes_where_ecs_keeps_it(kind: str, place: str) -> None:
    target = {"type": kind, "id": "x-1", "name": "Vic"}

    made = document(target=target)

    found = made["user"]["target"] if place == "user" else made["group"]
    assert found == {"id": "x-1", "name": "Vic"}
    assert made["auditsite"]["audit"]["target"] == target


@pytest.mark.parametrize(
    ("outcome", "told"), [("success", "success"), ("failure", "failure"), ("odd", "unknown")]
)
def test_an_outcome_is_one_that_ecs_knows(outcome: str, told: str) -> None:
    assert document(outcome=outcome)["event"]["outcome"] == told


def test_parameters_never_become_fields() -> None:
    nested = {"a": {"b": [1, {"c": "d"}]}}

    assert document(parameters=nested)["auditsite"]["audit"]["parameters_json"] == '{"a":{"b":[1,{"c":"d"}]}}'


def test_the_address_of_a_document_is_written_as_elasticsearch_does() -> None:
    made = document(context={"ip": "2001:DB8:0::1"})

    assert made["source"] == {"address": "2001:DB8:0::1", "ip": "2001:db8::1"}
    assert made["related"]["ip"] == ["2001:db8::1"]
    assert document(context={"ip": "fe80::1%eth0"})["source"] == {"address": "fe80::1%eth0"}


@pytest.mark.parametrize(
    ("event", "parameters", "user", "group"),
    [
        ("tenant_user_management.user_invited", {"username": "vic@acme.example"}, "vic@acme.example", None),
        ("tenant_user_management.service_account_created", {"service_account": "ci"}, "ci", None),
        ("tenant_user_management.group_created", {"group_name": "SOC"}, None, "SOC"),
        ("workflows.workflow_created", {"username": "vic@acme.example", "group_name": "SOC"}, None, None),
        ("tenant_user_management.user_invited", {"username": ["odd"]}, None, None),
    ],
)
def test_an_account_that_the_parameters_name_is_found_where_no_target_is_given(
    event: str, parameters: dict[str, Any], user: str | None, group: str | None
) -> None:
    made = document(event=event, parameters=parameters)

    assert made["user"].get("target", {}).get("name") == user
    assert made.get("group", {}).get("name") == group
    assert made["related"]["user"] == ["ana@acme.example", *([user] if user else [])]


def test_a_new_role_is_a_change_of_the_user() -> None:
    made = document(
        event="tenant_user_management.user_role_changed",
        parameters={"username": "vic@acme.example", "role": "auditor", "previous_role": "viewer"},
    )

    assert made["user"]["changes"] == {"roles": ["auditor"]}
    assert made["user"]["target"] == {"name": "vic@acme.example"}


def test_a_document_holds_everything_that_its_entry_says() -> None:
    given = entry(details="Went live.", target={"type": "workflow", "id": "wf-1", "name": "Triage"})

    made = json.dumps(document(**given))

    # Moments are in milliseconds, codes in the words of ECS; all else is there as it is.
    told = [text for text in _texts(given) if text not in {given["occurred_at"], given["recorded_at"]}]
    assert [text for text in told if json.dumps(text)[1:-1] not in made] == []


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    return [value] if isinstance(value, str) else []


def test_an_index_of_another_form_has_no_parts() -> None:
    assert "data_stream" not in ecs_document(payload(), stream="audit")
    assert "data_stream" not in ecs_document(payload(), stream="metrics-x-y")


def test_bulk_lines_come_in_pairs_and_end_with_a_newline() -> None:
    body = bulk_body(payloads(3), stream=STREAM)

    lines = body.split(b"\n")
    assert lines.pop() == b""
    assert [json.loads(line) for line in lines[::2]] == [
        {"create": {"_id": str(given.id)}} for given in payloads(3)
    ]
    assert [json.loads(line)["event"]["sequence"] for line in lines[1::2]] == [1, 2, 3]


def test_no_content_can_forge_an_action_line() -> None:
    evil = '"}}\n{"delete":{"_id":"1"}}\n\u2028\r\n'

    body = bulk_body([payload(details=evil, parameters={evil: evil}, action=evil)], stream=STREAM)

    assert body.count(b"\n") == 2
    assert json.loads(body.split(b"\n")[1])["message"] == evil
