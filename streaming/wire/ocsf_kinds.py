"""Which class and activity of OCSF an event belongs to.

From the event's code alone, as for ECS: a deployment's own events fall into place by the verb that their code ends in.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

OTHER = 99


class OcsfClass(NamedTuple):
    """A class of the schema; `activities` are those of its numbers that we use."""

    uid: int
    name: str
    category_uid: int
    category_name: str
    activities: Mapping[int, str]


_IAM = (3, "Identity & Access Management")
ACCOUNT_CHANGE = OcsfClass(
    3001,
    "Account Change",
    *_IAM,
    {1: "Create", 2: "Enable", 5: "Disable", 6: "Delete", 10: "MFA Factor Enable", 11: "MFA Factor Disable"},
)
AUTHENTICATION = OcsfClass(3002, "Authentication", *_IAM, {1: "Logon", 2: "Logoff"})
ENTITY = OcsfClass(
    3004,
    "Entity Management",
    *_IAM,
    {
        1: "Create",
        2: "Read",
        3: "Update",
        4: "Delete",
        8: "Enable",
        9: "Disable",
        10: "Activate",
        11: "Deactivate",
        12: "Suspend",
        13: "Resume",
    },
)
USER_ACCESS = OcsfClass(3005, "User Access Management", *_IAM, {1: "Assign Privileges"})
GROUP = OcsfClass(
    3006, "Group Management", *_IAM, {3: "Add User", 4: "Remove User", 5: "Delete", 6: "Create"}
)
WEB_RESOURCES = OcsfClass(
    6001, "Web Resources Activity", 6, "Application Activity", {7: "Export", 8: "Share"}
)


class OcsfKind(NamedTuple):
    """`name` is the activity's caption; `subject` names in words what the event is about."""

    cls: OcsfClass
    activity: int
    name: str
    subject: str
    is_membership: bool = False
    """Somebody joined or left groups; the parameters tell which."""


_ACCOUNT = {"created": 1, "invited": 1, "activated": 2, "deactivated": 5, "deleted": 6}
_GROUP = {"created": 6, "deleted": 5}
_ENTITY = {
    "created": 1,
    "viewed": 2,
    "edited": 3,
    "updated": 3,
    "set": 3,
    "deleted": 4,
    "removed": 4,
    "applied": 4,
    "enabled": 8,
    "disabled": 9,
    "activated": 10,
    "deactivated": 11,
    "held": 12,
    "recovered": 13,
}
# What OCSF has no number for, in the infinitive as its own captions are.
_OTHERS = {
    "published": "Publish",
    "approved": "Approve",
    "denied": "Deny",
    "submitted": "Submit",
    "tested": "Test",
    "replayed": "Replay",
    "dismissed": "Dismiss",
    "updated": "Update",
}
_TAKEN_AWAY = {"exported": 7, "shared": 8}
_VERBS = frozenset({*_ENTITY, *_OTHERS, *_ACCOUNT, *_TAKEN_AWAY})
_BY_SLUG: Mapping[str, tuple[OcsfClass, int]] = {
    "user_logged_in": (AUTHENTICATION, 1),
    "sign_in_failed": (AUTHENTICATION, 1),
    "user_logged_out": (AUTHENTICATION, 2),
    "user_role_changed": (USER_ACCESS, 1),
    "service_account_role_changed": (USER_ACCESS, 1),
    "user_invited_added": (GROUP, 3),
    "user_removed": (GROUP, 4),
    "two_factor_authentication_enabled": (ACCOUNT_CHANGE, 10),
    "two_factor_authentication_disabled": (ACCOUNT_CHANGE, 11),
}
_MEMBERSHIP = "_group_assignment_updated"
_ACCOUNTS = ("user_", "service_account_")


@lru_cache(maxsize=1024)
def ocsf_kind(code: str) -> OcsfKind:
    """Class and activity for an event code such as `workflows.workflow_published`."""
    area, _, slug = code.partition(".")
    cls, activity, verb = _found(area, slug)
    name = cls.activities.get(activity) or _OTHERS.get(verb) or slug.replace("_", " ").capitalize()
    return OcsfKind(cls, activity, name, _subject(slug), slug.endswith(_MEMBERSHIP))


def _found(area: str, slug: str) -> tuple[OcsfClass, int, str]:
    """Class, activity, and the word of the code that tells it."""
    words = slug.split("_")
    verb = next((word for word in reversed(words) if word in _VERBS), words[-1])
    if slug in _BY_SLUG:
        return *_BY_SLUG[slug], verb
    if verb in _TAKEN_AWAY:
        return WEB_RESOURCES, _TAKEN_AWAY[verb], verb
    if slug.endswith(_MEMBERSHIP):
        return GROUP, OTHER, verb
    if area == "tenant_user_management" and slug.startswith(_ACCOUNTS):
        return ACCOUNT_CHANGE, _ACCOUNT.get(verb, OTHER), verb
    if area == "tenant_user_management" and slug.startswith("group_"):
        return GROUP, _GROUP.get(verb, OTHER), verb
    return ENTITY, _ENTITY.get(verb, OTHER), verb


def _subject(slug: str) -> str:
    """What is acted on: the code without its verb."""
    words = slug.split("_")
    until = next((index for index, word in enumerate(words) if index and word in _VERBS), len(words))
    return " ".join(words[:until])
