"""What the intake reads out of an entry: in its native form, in that of ECS or of OCSF."""

from __future__ import annotations

from auditsite.demo.intake.ledger import Entry, Offer


def text_of(entry: object, *path: str) -> str | None:
    """The text at the end of the path of keys, or None where something else stands."""
    for key in path:
        if not isinstance(entry, dict):
            return None
        entry = entry.get(key)
    return entry if isinstance(entry, str) else None


def whole_number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


# Where each form has its id, beside its sequence.
_IDS = ((), "id"), (("event",), "id"), (("metadata",), "uid")
_TENANTS = ("tenant", "slug"), ("tenant", "id"), ("auditsite", "audit", "tenant"), ("unmapped", "tenant")


def offer_of(event: object, *, envelope: Entry) -> Offer:
    """An offer of an entry that carries an id and a sequence; what is no object is kept under `value`."""
    entry: Entry = event if isinstance(event, dict) else {"value": event}
    places = [path for path, name in _IDS if text_of(entry, *path, name) is not None]
    inner = _object_at(entry, *places[0]) if places else entry
    entry_id = text_of(inner, "id") or text_of(inner, "uid")
    return Offer(
        key=entry_id,
        id=entry_id,
        sequence=whole_number(inner.get("sequence")),
        tenant=next((text for path in _TENANTS if (text := text_of(entry, *path))), ""),
        entry=entry,
        envelope=envelope,
    )


def _object_at(entry: Entry, *path: str) -> Entry:
    for key in path:
        entry = entry[key]
    return entry
