"""Saved secrets under the first key: what a change of `AUDITSITE_ENCRYPTION_KEYS` leaves to be done.

Each secret is written by itself, by compare-and-set on the ciphertext that was read: whoever stops this loses nothing,
whoever begins it again goes on, and a secret that is saved meanwhile stays as it was saved. What a secret says does
not change, so that streams which are being delivered notice nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import BinaryField, Count
from django.db.models.functions import Substr

from streaming.encryption import HEAD_LENGTH, KeyRing, TokenUnreadable, head_under, key_id_of
from streaming.models import ConnectionTest, Stream
from streaming.tokens import signing_row

BATCH = 200


@dataclass(frozen=True, slots=True)
class Kept:
    """A column of secrets, what a person calls one, and what its ciphertexts are bound to beside their tenant."""

    words: str
    model: type[Stream] | type[ConnectionTest]
    column: str
    bound_to: Callable[[UUID], UUID]

    def rows(self) -> Any:
        """Those with a secret; `key_head` is how its ciphertext begins."""
        head = Substr(self.column, 1, HEAD_LENGTH, output_field=BinaryField())
        return self.model.objects.exclude(**{self.column: None}).annotate(key_head=head).order_by()


def _itself(pk: UUID) -> UUID:
    return pk


KEPT = (
    Kept("token of stream", Stream, "token_encrypted", _itself),
    Kept("signing secret of stream", Stream, "signing_secret_encrypted", signing_row),
    Kept("token of connection test", ConnectionTest, "token_encrypted", _itself),
    Kept("signing secret of connection test", ConnectionTest, "signing_secret_encrypted", signing_row),
)


@dataclass(frozen=True, slots=True)
class Rotated:
    """What was done: secrets written anew, and the names of those that no key opens."""

    written: int
    unreadable: tuple[str, ...]


def secrets_by_key() -> dict[str, int]:
    """How many secrets are saved under each key, by the names that `KeyRing.key_ids` has."""
    numbers: Counter[str] = Counter()
    for kept in KEPT:
        for head, number in kept.rows().values_list("key_head").annotate(number=Count("pk")):
            numbers[key_id_of(head)] += number
    return dict(numbers)


def saved_under(key_id: str, *, most: int) -> list[str]:
    """Names of secrets under this key: what each is, and of which tenant."""
    named: list[str] = []
    for kept in KEPT:
        rows = kept.rows().filter(key_head=head_under(key_id)).order_by("pk")
        named += [_name(kept, pk, slug) for pk, slug in rows.values_list("pk", "tenant__slug")[:most]]
    return named[:most]


def rotate(ring: KeyRing) -> Rotated:
    """Write anew under the ring's first key whatever is saved under another one; rounds until one finds nothing.

    A second round finds what was saved meanwhile by a process that has the older ring still.
    """
    written = 0
    while True:
        unreadable: list[str] = []
        before = written
        for kept in KEPT:
            for row in _to_do(kept, ring):
                try:
                    written += _write(kept, row, ring)
                except TokenUnreadable:
                    unreadable.append(_name(kept, row["pk"], row["tenant__slug"]))
        if written == before:
            return Rotated(written, tuple(unreadable))


def _to_do(kept: Kept, ring: KeyRing) -> Iterator[dict[str, Any]]:
    rows = kept.rows().exclude(key_head=head_under(ring.key_ids[0])).order_by("pk")
    batch = list(rows.values("pk", "tenant_id", "tenant__slug", kept.column)[:BATCH])
    while batch:
        yield from batch
        batch = list(
            rows.filter(pk__gt=batch[-1]["pk"]).values("pk", "tenant_id", "tenant__slug", kept.column)[:BATCH]
        )


def _write(kept: Kept, row: dict[str, Any], ring: KeyRing) -> int:
    """1, or 0 where the secret is another one by now. Raises TokenUnreadable."""
    read, bound = bytes(row[kept.column]), kept.bound_to(row["pk"])
    secret = ring.decrypt(read, tenant=row["tenant_id"], row=bound)
    sealed = ring.encrypt(secret, tenant=row["tenant_id"], row=bound)
    unchanged = kept.model.objects.filter(**{"pk": row["pk"], kept.column: read})
    return unchanged.update(**{kept.column: sealed})


def _name(kept: Kept, pk: UUID, slug: str) -> str:
    return f"{kept.words} {pk} of {slug}"
