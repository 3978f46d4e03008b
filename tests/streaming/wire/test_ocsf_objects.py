from __future__ import annotations

from typing import Any

import pytest

from streaming.wire.entries import Entry, read_entry
from streaming.wire.ocsf_kinds import ocsf_kind
from streaming.wire.ocsf_objects import actor_of, known, objects_of
from tests.streaming.wire.payloads import payload


def about(event: str, **changes: Any) -> dict[str, Any]:
    return objects_of(read(event=event, **changes), ocsf_kind(event))


def read(**changes: Any) -> Entry:
    return read_entry(payload(**changes).body)


USERS = "tenant_user_management"


def test_an_account_is_the_target_or_whom_the_parameters_name() -> None:
    vic = {"type": "user", "id": "u-2", "name": "Vic"}

    assert about(f"{USERS}.user_deleted", target=vic, parameters={"username": "x"}) == {
        "user": {"name": "Vic", "uid": "u-2", "type_id": 1, "type": "User"}
    }
    assert about(f"{USERS}.user_deleted", parameters={"username": "vic"})["user"]["name"] == "vic"
    assert about(f"{USERS}.user_deleted", parameters={})["user"]["name"] == "unknown"
    assert about(f"{USERS}.service_account_deleted", parameters={"service_account": "ci"})["user"] == {
        "name": "ci",
        "type_id": 4,
        "type": "Service",
    }


@pytest.mark.parametrize(
    ("added", "removed", "activity", "name"),
    [
        (["SOC", "IT"], [], (3, "Add User"), "SOC, IT"),
        ([], ["IT"], (4, "Remove User"), "IT"),
        (["SOC"], ["IT"], None, "SOC, IT"),
        ("SOC", None, (3, "Add User"), "SOC"),
        (None, None, None, "unknown"),
    ],
)
def test_a_change_of_groups_is_a_joining_a_leaving_or_both(
    added: Any, removed: Any, activity: Any, name: str
) -> None:
    parameters = {"username": "vic", "groups_added": added, "groups_removed": removed}

    made = about(f"{USERS}.user_group_assignment_updated", parameters=parameters)

    assert (made.get("activity"), made["group"]["name"], made["user"]["name"]) == (activity, name, "vic")


def test_a_workspace_is_a_group_of_people() -> None:
    made = about("workspace_management.user_removed", parameters={"username": "vic"})

    assert made["group"] == {"name": "SOC", "uid": "w-1", "type": "workspace"}


def test_a_new_role_is_the_privilege() -> None:
    role = {"username": "vic", "role": "auditor"}

    assert about(f"{USERS}.user_role_changed", parameters=role)["privileges"] == ["auditor"]
    assert about(f"{USERS}.user_role_changed", parameters={})["privileges"] == ["unknown"]


@pytest.mark.parametrize(
    ("event", "parameters", "name", "kind"),
    [
        ("workflows.workflow_published", {"workflow_name": "Triage"}, "Triage", "workflow"),
        ("tables.field_created", {"table_name": "T", "field_name": "F"}, "F", "field"),
        ("workspace_management.workspace_name_updated", {"previous_name": "a", "workspace_name": "b"},
         "b", "workspace name"),
        ("runners.runner_group_edited", {"runner_group": "eu"}, "eu", "runner group"),
        ("tenant_admin_settings.saml_settings_updated", {}, "saml settings", "saml settings"),
    ],
)  # fmt: skip
def test_a_thing_is_called_as_its_parameters_say(
    event: str, parameters: dict[str, str], name: str, kind: str
) -> None:
    assert about(event, parameters=parameters)["entity"] == {"name": name, "type": kind, "type_id": 99}


def test_a_target_goes_before_the_parameters() -> None:
    target = {"type": "case", "id": "c-7", "name": "Phishing"}

    made = about("cases.case_exported", target=target, parameters={"case_name": "other"})

    assert made == {"web_resources": [{"name": "Phishing", "uid": "c-7", "type": "case"}]}


@pytest.mark.parametrize(
    ("kind", "caption"),
    [("user", "User"), ("service_account", "Service"), ("system", "System"), ("x", "Unknown")],
)
def test_who_did_it_has_a_type(kind: str, caption: str) -> None:
    made = actor_of(read(actor={"type": kind, "name": "Auditsite"}, tenant=None))

    assert (made["name"], made["type"]) == ("Auditsite", caption)


def test_only_what_is_known_is_said() -> None:
    assert known({"a": 0, "b": None, "c": "", "d": {}, "e": []}) == {"a": 0}
