from __future__ import annotations

import json
from typing import Any

import pytest

from streaming.wire.ecs import bulk_body, ecs_document
from tests.streaming.wire.payloads import payload, payloads

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
        "original": payload(details="Went live.").body.decode(),
    },
    "data_stream": {"type": "logs", "dataset": "auditsite.audit", "namespace": "default"},
    "organization": {"id": "t-1", "name": "Acme"},
    "labels": {"workspace_id": "w-1", "workspace": "SOC"},
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
