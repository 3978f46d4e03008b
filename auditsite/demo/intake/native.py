"""What the intake reads out of an entry that came in its native form."""

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


def offer_of(event: object, *, envelope: Entry) -> Offer:
    """An offer of an entry that carries `id` and `sequence`; what is no object is kept under `value`."""
    entry: Entry = event if isinstance(event, dict) else {"value": event}
    entry_id = text_of(entry, "id")
    return Offer(
        key=entry_id,
        id=entry_id,
        sequence=whole_number(entry.get("sequence")),
        tenant=text_of(entry, "tenant", "slug") or text_of(entry, "tenant", "id") or "",
        entry=entry,
        envelope=envelope,
    )
