"""What an OCSF event is about: the objects that its class asks for, from the entry's target or its parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from streaming.wire.entries import Entry, Named, read_named
from streaming.wire.ocsf_kinds import (
    ACCOUNT_CHANGE,
    AUTHENTICATION,
    ENTITY,
    GROUP,
    OTHER,
    USER_ACCESS,
    WEB_RESOURCES,
    OcsfKind,
)

Object = dict[str, Any]

_USER_TYPES = {"user": (1, "User"), "system": (3, "System"), "service_account": (4, "Service")}
_ACCOUNTS = frozenset({"user", "service_account"})
_BEFORE = "previous_"


def known(source: Mapping[str, Any]) -> Object:
    """What is there of it."""
    return {key: value for key, value in source.items() if value not in (None, "", [], {})}


def actor_of(entry: Entry) -> Object:
    """Who did it, as a user of OCSF."""
    actor, tenant = entry.actor, entry.tenant
    type_id, caption = _USER_TYPES.get(actor.type, (0, "Unknown"))
    return known(
        {
            "name": actor.login or "unknown",
            "full_name": actor.name if actor.email else None,
            "email_addr": actor.email,
            "uid": actor.id,
            "type_id": type_id,
            "type": caption,
            "org": known({"uid": tenant.id, "name": tenant.name}) if tenant else None,
        }
    )


def objects_of(entry: Entry, kind: OcsfKind) -> Object:
    """The objects of the event's class; `activity` where the parameters say more than the code."""
    return _OBJECTS[kind.cls.uid](entry, kind)


def _account_change(entry: Entry, kind: OcsfKind) -> Object:
    if kind.name.startswith("MFA"):
        # A tenant asks all of its people for a second factor, or none of them.
        name = entry.tenant.name if entry.tenant else None
        everybody = f"All users of {name}" if name else "All users"
        return {"user": {"name": everybody, "type_id": OTHER, "type": "Tenant"}}
    return {"user": _account(entry)}


def _authentication(entry: Entry, kind: OcsfKind) -> Object:  # noqa: ARG001 - as the others
    parameters = _parameters(entry)
    method, reason = _text(parameters.get("method")), _text(parameters.get("reason"))
    return {
        "user": actor_of(entry),
        "service": {"name": "Auditsite"},
        **({"auth_protocol_id": OTHER, "auth_protocol": method} if method else {}),
        **({"status_detail": reason} if reason else {}),
    }


def _user_access(entry: Entry, kind: OcsfKind) -> Object:  # noqa: ARG001 - as the others
    return {"user": _account(entry), "privileges": [read_named(entry.parameters).new_role or "unknown"]}


def _group(entry: Entry, kind: OcsfKind) -> Object:
    if kind.activity in {3, 4}:
        return {"group": _workspace(entry), "user": _account(entry)}
    if not kind.is_membership:
        named = read_named(entry.parameters)
        return {"group": _of_target(entry, {"group"}) or {"name": named.group or "unknown"}}
    parameters = _parameters(entry)
    added, removed = _names(parameters.get("groups_added")), _names(parameters.get("groups_removed"))
    made: Object = {"group": {"name": ", ".join(added + removed) or "unknown"}, "user": _account(entry)}
    if bool(added) != bool(removed):
        activity = 3 if added else 4
        made["activity"] = activity, GROUP.activities[activity]
    return made


def _web_resource(entry: Entry, kind: OcsfKind) -> Object:
    return {"web_resources": [_thing(entry, kind)]}


def _entity(entry: Entry, kind: OcsfKind) -> Object:
    return {"entity": {**_thing(entry, kind), "type_id": OTHER}}


_OBJECTS: Mapping[int, Callable[[Entry, OcsfKind], Object]] = {
    ACCOUNT_CHANGE.uid: _account_change,
    AUTHENTICATION.uid: _authentication,
    USER_ACCESS.uid: _user_access,
    GROUP.uid: _group,
    WEB_RESOURCES.uid: _web_resource,
    ENTITY.uid: _entity,
}


def _account(entry: Entry) -> Object:
    """The account that the event is about; `unknown` where the producer did not say."""
    target = entry.target
    found = _of_target(entry, _ACCOUNTS)
    if found is None:
        named: Named = read_named(entry.parameters)
        found = {"name": named.account or "unknown"}
    service = "service_account" in entry.event or (target is not None and target.type == "service_account")
    type_id, caption = _USER_TYPES["service_account" if service else "user"]
    return {**found, "type_id": type_id, "type": caption}


def _of_target(entry: Entry, kinds: frozenset[str] | set[str]) -> Object | None:
    target = entry.target
    if target is None or target.type not in kinds:
        return None
    return known({"name": target.name, "uid": target.id}) or None


def _workspace(entry: Entry) -> Object:
    place = entry.workspace
    name = (place.name if place else None) or _text(_parameters(entry).get("workspace_name")) or "unknown"
    return known({"name": name, "uid": place.id if place else None, "type": "workspace"})


def _thing(entry: Entry, kind: OcsfKind) -> Object:
    """What was acted on: the target, else what the parameters name, else the words of the event's code."""
    target = entry.target
    if target is not None and (target.name or target.id):
        return known({"name": target.name, "uid": target.id, "type": target.type or kind.subject})
    parameters = _parameters(entry)
    names = (key for key in sorted(parameters) if key.endswith("_name") and not key.startswith(_BEFORE))
    name = next((text for key in names if (text := _text(parameters[key]))), None)
    plain = _text(parameters.get(kind.subject.replace(" ", "_"))) or _text(parameters.get("runner"))
    return {"name": name or plain or kind.subject, "type": kind.subject}


def _parameters(entry: Entry) -> Object:
    read: Object = msgspec.json.decode(entry.parameters)
    return read


def _names(value: object) -> list[str]:
    given = value if isinstance(value, list) else [value]
    return [text for item in given if (text := _text(item))]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
