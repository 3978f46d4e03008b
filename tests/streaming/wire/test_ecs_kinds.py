from __future__ import annotations

import pytest

from audit.catalog.kinds import Event
from audit.catalog.lookup import CATALOG
from streaming.wire.ecs_kinds import ecs_kind

# What ECS 8.17 allows.
CATEGORIES = {"authentication", "configuration", "database", "file", "iam", "session"}
TYPES = {
    "access",
    "admin",
    "allowed",
    "change",
    "creation",
    "deletion",
    "denied",
    "end",
    "group",
    "info",
    "start",
    "user",
}


@pytest.mark.parametrize(
    ("code", "category", "kind"),
    [
        ("users.user_logged_in", ["authentication"], ["start"]),
        ("users.sign_in_failed", ["authentication"], ["start"]),
        ("users.user_logged_out", ["authentication", "session"], ["end"]),
        ("users.api_key_created", ["iam"], ["user", "creation"]),
        ("tenant_user_management.user_role_changed", ["iam"], ["user", "change"]),
        ("tenant_user_management.user_invited", ["iam"], ["user", "creation"]),
        ("tenant_user_management.group_deleted", ["iam"], ["group", "deletion"]),
        ("tenant_user_management.role_updated", ["iam"], ["admin", "change"]),
        ("tenant_user_management.service_account_deactivated", ["iam"], ["user", "change"]),
        ("workspace_management.user_removed", ["iam"], ["user", "deletion"]),
        ("workspace_management.user_invited_added", ["iam"], ["user", "creation"]),
        ("workspace_management.workspace_created", ["configuration"], ["creation"]),
        ("workflows.workflow_published", ["configuration"], ["change"]),
        ("tables.table_exported_to_csv", ["database"], ["access"]),
        ("cases.case_exported", ["file"], ["access"]),
        ("tenant_admin_settings.audit_logs_exported", ["file"], ["access"]),
        ("approval_management.request_denied", ["configuration"], ["denied"]),
        ("tenant_admin_settings.audit_log_viewed_by_staff", ["configuration"], ["access"]),
        ("our_own.thing_deleted", ["configuration"], ["deletion"]),
        ("", ["configuration"], ["change"]),
    ],
)
def test_an_event_falls_into_its_place(code: str, category: list[str], kind: list[str]) -> None:
    assert (list(ecs_kind(code).category), list(ecs_kind(code).type)) == (category, kind)


@pytest.mark.parametrize("event", CATALOG.events(), ids=lambda event: event.code)
def test_every_event_of_the_catalogue_has_words_that_ecs_knows(event: Event) -> None:
    kind = ecs_kind(event.code)

    assert set(kind.category) <= CATEGORIES
    assert set(kind.type) <= TYPES
