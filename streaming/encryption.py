"""Tokens at rest: AES-256-GCM under a ring of keys, each ciphertext bound to the row that holds it.

The first key of `AUDITSITE_ENCRYPTION_KEYS` encrypts, all of them decrypt. A ciphertext copied to another row or
tenant does not decrypt there: tenant and row are authenticated with it (NIST SP 800-38D, additional data).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Sequence
from typing import NoReturn
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = b"\x01"
KEY_LENGTH, KEY_ID_LENGTH, NONCE_LENGTH = 32, 4, 12
HEAD_LENGTH = len(VERSION) + KEY_ID_LENGTH
"""Bytes at the start of a ciphertext that say which key encrypted it."""


class KeysInvalid(ValueError):
    """The ring of keys cannot be used; the text says which key and what a key looks like."""


class TokenUnreadable(Exception):
    """No key of the ring opens this ciphertext, or it belongs to another row."""


class Secret:
    """A token in memory. Whatever prints, formats, logs or pickles it gets its cover only."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The token itself: only for the request that carries it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value.encode(), other._value.encode())

    __hash__ = None  # type: ignore[assignment] # a secret is no key of a dictionary

    def __reduce__(self) -> NoReturn:
        raise TypeError("A secret does not leave its process.")


class KeyRing:
    """The installation's keys: base64 of 32 random bytes each, the first one encrypts."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Raises KeysInvalid."""
        if not keys:
            raise KeysInvalid("AUDITSITE_ENCRYPTION_KEYS holds no key: give base64 of 32 random bytes.")
        ring = [_key(text, place) for place, text in enumerate(keys, 1)]
        self._first = _id(ring[0])
        self._keys = {_id(key): AESGCM(key) for key in ring}

    @property
    def key_ids(self) -> list[str]:
        """Names of the keys in their order, the encrypting one first; a name tells nothing of its key."""
        return [key_id.hex() for key_id in self._keys]

    def encrypt(self, secret: Secret, *, tenant: UUID, row: UUID) -> bytes:
        """Ciphertext that decrypts for this tenant and row only."""
        nonce = os.urandom(NONCE_LENGTH)
        sealed = self._keys[self._first].encrypt(nonce, secret.reveal().encode(), _bound(tenant, row))
        return VERSION + self._first + nonce + sealed

    def decrypt(self, ciphertext: bytes | memoryview, *, tenant: UUID, row: UUID) -> Secret:
        """The secret. Raises TokenUnreadable."""
        head, nonce, sealed = _parts(bytes(ciphertext))
        key = self._keys.get(head[1:])
        if head[:1] != VERSION or key is None:
            raise TokenUnreadable("The key that encrypted the token is not in AUDITSITE_ENCRYPTION_KEYS.")
        try:
            return Secret(key.decrypt(nonce, sealed, _bound(tenant, row)).decode())
        except InvalidTag:
            raise TokenUnreadable("The stored token does not belong to this row, or was damaged.") from None


def key_id_of(ciphertext: bytes | memoryview) -> str:
    """The name of the key that encrypted this, as `KeyRing.key_ids` has it; the head is enough."""
    return bytes(ciphertext)[len(VERSION) : HEAD_LENGTH].hex()


def head_under(key_id: str) -> bytes:
    """How every ciphertext under the key of this name begins."""
    return VERSION + bytes.fromhex(key_id)


def _parts(ciphertext: bytes) -> tuple[bytes, bytes, bytes]:
    start, end = HEAD_LENGTH, HEAD_LENGTH + NONCE_LENGTH
    return ciphertext[:start], ciphertext[start:end], ciphertext[end:]


def _bound(tenant: UUID, row: UUID) -> bytes:
    return tenant.bytes + row.bytes


def _id(key: bytes) -> bytes:
    return hashlib.sha256(b"auditsite key id" + key).digest()[:KEY_ID_LENGTH]


def _key(text: str, place: int) -> bytes:
    wanted = "a key is base64 of 32 random bytes, as `openssl rand -base64 32` prints them"
    try:
        key = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        raise KeysInvalid(f"AUDITSITE_ENCRYPTION_KEYS: key {place} is not base64; {wanted}.") from None
    if len(key) != KEY_LENGTH:
        raise KeysInvalid(f"AUDITSITE_ENCRYPTION_KEYS: key {place} has {len(key)} bytes; {wanted}.")
    return key
