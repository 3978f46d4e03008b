from __future__ import annotations

import pytest

from audit.catalog.lookup import CATALOG
from streaming.wire.ocsf_kinds import OTHER, ocsf_kind

CODES = [event.code for event in CATALOG.events()]


@pytest.mark.parametrize(
    ("code", "uid", "activity", "name"),
    [
        ("users.user_logged_in", 3002, 1, "Logon"),
        ("users.sign_in_failed", 3002, 1, "Logon"),
        ("users.user_logged_out", 3002, 2, "Logoff"),
        ("tenant_user_management.user_invited", 3001, 1, "Create"),
        ("tenant_user_management.user_activated", 3001, 2, "Enable"),
        ("tenant_user_management.user_deactivated", 3001, 5, "Disable"),
        ("tenant_user_management.service_account_deleted", 3001, 6, "Delete"),
        ("tenant_admin_settings.two_factor_authentication_enabled", 3001, 10, "MFA Factor Enable"),
        ("tenant_admin_settings.two_factor_authentication_disabled", 3001, 11, "MFA Factor Disable"),
        ("tenant_user_management.user_role_changed", 3005, 1, "Assign Privileges"),
        ("workspace_management.user_role_changed", 3005, 1, "Assign Privileges"),
        ("tenant_user_management.group_created", 3006, 6, "Create"),
        ("tenant_user_management.group_deleted", 3006, 5, "Delete"),
        ("tenant_user_management.group_name_updated", 3006, 99, "Update"),
        ("tenant_user_management.user_group_assignment_updated", 3006, 99, "Update"),
        ("workspace_management.user_invited_added", 3006, 3, "Add User"),
        ("workspace_management.user_removed", 3006, 4, "Remove User"),
        ("tenant_user_management.role_updated", 3004, 3, "Update"),
        ("users.api_key_created", 3004, 1, "Create"),
        ("connections.connection_deleted", 3004, 4, "Delete"),
        ("dashboards.dashboard_deactivated", 3004, 11, "Deactivate"),
        ("runners.runner_group_set_as_default", 3004, 3, "Update"),
        ("workflows.workflow_published", 3004, 99, "Publish"),
        ("approval_management.request_denied", 3004, 99, "Deny"),
        ("tenant_admin_settings.audit_log_streaming_held", 3004, 12, "Suspend"),
        ("tenant_admin_settings.audit_log_streaming_recovered", 3004, 13, "Resume"),
        ("tenant_admin_settings.audit_log_viewed_by_staff", 3004, 2, "Read"),
        ("cases.case_exported", 6001, 7, "Export"),
        ("tables.table_exported_to_csv", 6001, 7, "Export"),
        ("cases.case_shared", 6001, 8, "Share"),
    ],
)
def test_an_event_has_its_class_and_activity(code: str, uid: int, activity: int, name: str) -> None:
    kind = ocsf_kind(code)

    assert (kind.cls.uid, kind.activity, kind.name) == (uid, activity, name)


@pytest.mark.parametrize("code", CODES)
def test_every_event_of_the_vocabulary_has_a_named_activity(code: str) -> None:
    kind = ocsf_kind(code)

    assert kind.activity == OTHER or kind.cls.activities[kind.activity] == kind.name
    # What has no number has a verb of its own, not the whole code in words.
    assert len(kind.name.split()) <= 3
    assert kind.subject


@pytest.mark.parametrize(
    ("code", "subject"),
    [
        ("runners.runner_group_set_as_default", "runner group"),
        ("case_related_tables.custom_cases_table_edited", "custom cases table"),
        ("tables.table_exported_to_csv", "table"),
    ],
)
def test_the_subject_is_the_code_without_its_verb(code: str, subject: str) -> None:
    assert ocsf_kind(code).subject == subject


def test_events_of_a_deployment_fall_into_place_by_their_verb() -> None:
    assert ocsf_kind("billing.invoice_deleted").name == "Delete"
    assert ocsf_kind("billing.invoice_frobnicated") == (
        ocsf_kind("billing.invoice_deleted").cls, OTHER, "Invoice frobnicated", "invoice frobnicated", False,
    )  # fmt: skip
