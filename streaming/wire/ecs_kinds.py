"""Which of ECS's categories and types an event belongs to.

From the event's code alone: a deployment's own events fall into place by the verb that their code ends in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class EcsKind(NamedTuple):
    category: tuple[str, ...]
    type: tuple[str, ...]


_SIGN_IN: Mapping[str, EcsKind] = {
    "user_logged_in": EcsKind(("authentication",), ("start",)),
    "sign_in_failed": EcsKind(("authentication",), ("start",)),
    "user_logged_out": EcsKind(("authentication", "session"), ("end",)),
}
_APPROVALS: Mapping[str, str] = {
    "request_approved": "allowed",
    "request_denied": "denied",
    "request_submitted": "info",
}
_TAKEN_AWAY = {"audit_logs_exported": "file", "case_exported": "file"}
_VERBS: Mapping[str, str] = {
    "created": "creation",
    "invited": "creation",
    "added": "creation",
    "deleted": "deletion",
    "removed": "deletion",
    "tested": "info",
    "viewed": "access",
}
# What an identity event is about: the word that ECS has for it, by how the code begins.
_SUBJECTS: tuple[tuple[str, str], ...] = (
    ("group_", "group"),
    ("role_", "admin"),
    ("user_", "user"),
    ("service_account_", "user"),
    ("api_key_", "user"),
)
_IDENTITY_AREAS = frozenset({"tenant_user_management", "users"})


def ecs_kind(code: str) -> EcsKind:
    """ECS's `event.category` and `event.type` for an event code such as `workflows.workflow_published`."""
    area, _, slug = code.partition(".")
    if slug in _SIGN_IN:
        return _SIGN_IN[slug]
    if slug in _APPROVALS:
        return EcsKind(("configuration",), (_APPROVALS[slug],))
    if "exported" in slug:
        return EcsKind((_TAKEN_AWAY.get(slug, "database"),), ("access",))
    change = _change(slug)
    subject = next((word for start, word in _SUBJECTS if slug.startswith(start)), None)
    if subject and (area in _IDENTITY_AREAS or slug.startswith("user_")):
        return EcsKind(("iam",), (subject, change))
    return EcsKind(("configuration",), (change,))


def _change(slug: str) -> str:
    return next((kind for word in reversed(slug.split("_")) for kind in [_VERBS.get(word)] if kind), "change")
