from __future__ import annotations

import base64
import pickle
from uuid import uuid4

import pytest

from streaming.encryption import KeyRing, KeysInvalid, Secret, TokenUnreadable, head_under, key_id_of

OLD, NEW = (base64.urlsafe_b64encode(bytes([n]) * 32).decode() for n in (1, 2))
TENANT, ROW = uuid4(), uuid4()
TOKEN = Secret("s3cret-token")


def test_a_token_comes_back_as_it_was() -> None:
    ring = KeyRing([OLD])

    assert ring.decrypt(ring.encrypt(TOKEN, tenant=TENANT, row=ROW), tenant=TENANT, row=ROW) == TOKEN


def test_the_first_key_encrypts_and_every_key_decrypts() -> None:
    written_before = KeyRing([OLD]).encrypt(TOKEN, tenant=TENANT, row=ROW)
    ring = KeyRing([NEW, OLD])

    written_now = ring.encrypt(TOKEN, tenant=TENANT, row=ROW)

    assert ring.decrypt(written_before, tenant=TENANT, row=ROW) == TOKEN
    assert KeyRing([NEW]).decrypt(written_now, tenant=TENANT, row=ROW) == TOKEN


@pytest.mark.parametrize(("tenant", "row"), [(uuid4(), ROW), (TENANT, uuid4())])
def test_a_ciphertext_copied_to_another_row_or_tenant_stays_shut(tenant: object, row: object) -> None:
    ring = KeyRing([OLD])
    copied = ring.encrypt(TOKEN, tenant=TENANT, row=ROW)

    with pytest.raises(TokenUnreadable, match="does not belong to this row"):
        ring.decrypt(copied, tenant=tenant, row=row)  # type: ignore[arg-type]


def test_a_key_that_was_taken_away_is_named_as_the_reason() -> None:
    written = KeyRing([OLD]).encrypt(TOKEN, tenant=TENANT, row=ROW)

    with pytest.raises(TokenUnreadable, match="AUDITSITE_ENCRYPTION_KEYS"):
        KeyRing([NEW]).decrypt(written, tenant=TENANT, row=ROW)


def test_a_ciphertext_tells_its_key_by_a_name_that_is_not_the_key() -> None:
    ring = KeyRing([NEW, OLD])
    written_before, written_now = (
        KeyRing([key]).encrypt(TOKEN, tenant=TENANT, row=ROW) for key in (OLD, NEW)
    )

    assert ring.key_ids == [key_id_of(written_now), key_id_of(written_before)]
    assert written_now.startswith(head_under(ring.key_ids[0]))
    assert bytes.fromhex(ring.key_ids[0]) not in base64.urlsafe_b64decode(NEW)


def test_a_flipped_bit_is_noticed() -> None:
    ring = KeyRing([OLD])
    written = bytearray(ring.encrypt(TOKEN, tenant=TENANT, row=ROW))
    written[-1] ^= 1

    with pytest.raises(TokenUnreadable):
        ring.decrypt(bytes(written), tenant=TENANT, row=ROW)


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ([], "holds no key"),
        (["not base64!"], "key 1 is not base64"),
        ([OLD, "c2hvcnQ="], "key 2 has 5 bytes"),
    ],
)
def test_a_ring_that_cannot_be_used_says_which_key_is_wrong(keys: list[str], reason: str) -> None:
    with pytest.raises(KeysInvalid, match=reason):
        KeyRing(keys)


def test_a_secret_shows_its_cover_only() -> None:
    assert "s3cret" not in f"{TOKEN} {TOKEN!r} {TOKEN:>40} {[TOKEN]}"
    with pytest.raises(TypeError, match="does not leave"):
        pickle.dumps(TOKEN)
