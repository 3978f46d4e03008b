"""An entry as a document of the Elastic Common Schema."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

import msgspec
import rfc8785

from streaming.wire.ecs_kinds import ecs_kind
from streaming.wire.payload import Payload

ECS_VERSION = "8.17.0"


def bulk_body(payloads: Sequence[Payload], *, stream: str) -> bytes:
    """The entries as `create` operations of `_bulk`: an entry that is there already is not doubled.

    The id is ours and a UUID, the documents come from a JSON encoder: nobody's data can forge an action line.
    """
    lines = []
    for payload in payloads:
        lines.append(b'{"create":{"_id":"%b"}}\n' % str(payload.id).encode())
        lines.append(msgspec.json.encode(ecs_document(payload, stream=stream)) + b"\n")
    return b"".join(lines)


def ecs_document(payload: Payload, *, stream: str) -> dict[str, Any]:
    """The document. `event.original` holds the entry's own bytes, so that its hash can still be checked."""
    entry = payload.parsed()
    document = {
        "@timestamp": _milliseconds(payload.occurred_at),
        "ecs": {"version": ECS_VERSION},
        "message": entry.get("details") or entry.get("action"),
        "event": _event(payload, entry),
        "data_stream": _data_stream(stream),
        "organization": _some(entry.get("tenant"), "id", "name"),
        "labels": _labels(entry),
        "user": _user(entry),
        "group": _target(entry, "group"),
        "related": _related(entry),
        "service": {"name": "auditsite"},
        "observer": {"vendor": "Auditsite", "product": "Auditsite"},
        "auditsite": {"audit": _own(entry)},
        **_context(entry.get("context") or {}),
    }
    return {key: value for key, value in document.items() if value}


def _event(payload: Payload, entry: dict[str, Any]) -> dict[str, Any]:
    code = str(entry.get("event", ""))
    kind = ecs_kind(code)
    return {
        "id": str(payload.id),
        "sequence": payload.sequence,
        "created": _milliseconds(payload.recorded_at),
        "kind": "event",
        "category": list(kind.category),
        "type": list(kind.type),
        "action": code.rpartition(".")[2].replace("_", "-"),
        "code": code,
        "outcome": entry["outcome"] if entry.get("outcome") in {"success", "failure"} else "unknown",
        "module": "auditsite",
        "dataset": "auditsite.audit",
        "provider": "audit",
        "original": payload.body.decode(),
    }


def _data_stream(stream: str) -> dict[str, str]:
    """The name's three parts; Elasticsearch refuses a document whose parts differ from its stream's."""
    parts = stream.split("-")
    if len(parts) != 3 or parts[0] != "logs":
        return {}
    return dict(zip(("type", "dataset", "namespace"), parts, strict=True))


def _labels(entry: dict[str, Any]) -> dict[str, Any]:
    workspace = entry.get("workspace") or {}
    return _without_empty({"workspace_id": workspace.get("id"), "workspace": workspace.get("name")})


def _user(entry: dict[str, Any]) -> dict[str, Any]:
    actor = entry.get("actor") or {}
    email = actor.get("email")
    return _without_empty(
        {
            "id": actor.get("id"),
            "email": email,
            "name": email or actor.get("name"),
            "full_name": actor.get("name") if email else None,
            "target": _target(entry, "user", "service_account"),
        }
    )


def _target(entry: dict[str, Any], *kinds: str) -> dict[str, Any]:
    target = entry.get("target") or {}
    return _some(target, "id", "name", "email") if target.get("type") in kinds else {}


def _related(entry: dict[str, Any]) -> dict[str, Any]:
    target = _target(entry, "user", "service_account")
    people = [_user(entry).get("name"), target.get("email") or target.get("name")]
    context = entry.get("context") or {}
    return _without_empty(
        {"user": [name for name in people if name], "ip": [ip for ip in [_valid_ip(context.get("ip"))] if ip]}
    )


def _context(context: dict[str, Any]) -> dict[str, Any]:
    address = context.get("ip")
    source = {"address": address, "ip": _valid_ip(address)}
    return {
        "source": _without_empty(source),
        "user_agent": _without_empty({"original": context.get("user_agent")}),
        "http": {"request": {"id": context["request_id"]}} if context.get("request_id") else {},
    }


def _own(entry: dict[str, Any]) -> dict[str, Any]:
    """What ECS has no place for. Parameters as one string: their keys are the producers', and a field for each
    would in the end break the customer's mapping."""
    parameters = entry.get("parameters")
    return _without_empty(
        {
            "area": entry.get("area"),
            "category": entry.get("category"),
            "action": entry.get("action"),
            "actor_type": (entry.get("actor") or {}).get("type"),
            "target": _some(entry.get("target"), "type", "id", "name"),
            "tenant": (entry.get("tenant") or {}).get("slug"),
            "producer": entry.get("producer"),
            "external_id": entry.get("external_id"),
            "parameters_json": rfc8785.dumps(parameters).decode() if parameters else None,
        }
    )


def _some(source: dict[str, Any] | None, *keys: str) -> dict[str, Any]:
    return _without_empty({key: (source or {}).get(key) for key in keys})


def _without_empty(source: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in source.items() if value not in (None, "", {}, [])}


def _valid_ip(text: Any) -> str | None:
    try:
        return str(ip_address(str(text)))
    except ValueError:
        return None


def _milliseconds(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
