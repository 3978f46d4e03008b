"""OCSF events, held against the schema itself (package `ocsf-json-schema`, which carries its releases)."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

from audit.catalog.kinds import Event
from audit.catalog.lookup import CATALOG
from streaming.wire.ocsf import OCSF_VERSION, ocsf_bytes
from tests.streaming.wire.payloads import payload

EVENTS = CATALOG.events()
LISTS = {"groups_added", "groups_removed", "changed"}


@cache
def schema() -> OcsfJsonSchemaEmbedded:
    return OcsfJsonSchemaEmbedded(get_ocsf_schema(OCSF_VERSION))


@cache
def validator(class_uid: int, profiles: tuple[str, ...]) -> Draft202012Validator:
    name = schema().lookup_class_name_from_uid(class_uid)
    return Draft202012Validator(schema().get_class_schema(name, list(profiles)))


def faults(event: dict[str, Any]) -> list[str]:
    check = validator(event["class_uid"], tuple(event["metadata"].get("profiles", ())))
    return [f"{error.json_path}: {error.message}" for error in check.iter_errors(event)]


def made(**changes: Any) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(ocsf_bytes(payload(**changes)))
    return event


def of_kind(event: Event, **changes: Any) -> dict[str, Any]:
    parameters = {name: ["SOC"] if name in LISTS else f"{name} 1" for name in event.parameters}
    given = {"event": event.code, "action": event.label, "parameters": parameters, **changes}
    return made(**given)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.code)
def test_every_event_of_the_vocabulary_keeps_the_schema(event: Event) -> None:
    bare: dict[str, Any] = {
        "parameters": {},
        "workspace": None,
        "context": None,
        "external_id": None,
        "details": "",
    }
    target = {"type": "workflow", "id": "wf-1", "name": "Triage"}

    assert faults(of_kind(event)) == []
    assert faults(of_kind(event, **bare)) == []
    assert faults(of_kind(event, target=target, outcome="failure", details="No.")) == []


def test_the_schema_refuses_what_is_wrong() -> None:
    event = made()

    assert faults({**event, "activity_id": 77}) != []
    assert faults({name: value for name, value in event.items() if name != "entity"}) != []
    assert faults({**event, "colour": "red"}) != []


def test_an_event_carries_what_a_siem_asks_for() -> None:
    event = made(details="Went live.")

    assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
    assert event["time"] == 1795508130123
    assert event["metadata"] == {
        "version": "1.6.0",
        "product": {"name": "Auditsite", "vendor_name": "Auditsite"},
        "uid": "00000000-0000-0000-0000-000000000029",
        "sequence": 41,
        "event_code": "workflows.workflow_published",
        "tenant_uid": "t-1",
        "log_name": "audit",
        "log_provider": "platform",
        "original_time": "2026-11-24T08:15:30.123456Z",
        "logged_time": 1795508130204,
        "correlation_uid": "r-1",
    }
    assert event["actor"]["user"] == {
        "name": "ana@acme.example",
        "full_name": "Ana",
        "email_addr": "ana@acme.example",
        "uid": "u-1",
        "type_id": 1,
        "type": "User",
        "org": {"uid": "t-1", "name": "Acme"},
    }
    assert event["unmapped"]["parameters"] == {"version": "7", "workflow_name": "Triage"}
    assert (event["message"], event["status"], "status_detail" in event) == ("Went live.", "Success", False)


def test_an_address_that_is_none_is_a_name() -> None:
    assert made(context={"ip": "unknown"})["src_endpoint"] == {"name": "unknown"}
    assert made(context={"ip": "2001:DB8::1"})["src_endpoint"] == {"ip": "2001:db8::1"}


def test_a_failure_says_why() -> None:
    event = made(
        event="users.sign_in_failed", outcome="failure", parameters={"method": "saml", "reason": "expired"}
    )

    assert (event["status_id"], event["status_detail"], event["auth_protocol"]) == (2, "expired", "saml")
    assert made(outcome="odd")["status_id"] == 0
