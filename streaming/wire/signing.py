"""Signatures of requests as Standard Webhooks describes them (standard-webhooks/spec, version 1, symmetric)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import datetime

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64
"""Bytes of a secret, by the standard."""


class SecretInvalid(ValueError):
    """The signing secret cannot be used; the text says what one looks like."""


def new_secret() -> str:
    """A secret of 32 random bytes in its usual form, for a form that offers one."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def checked_secret(text: str) -> str:
    """A pasted secret as it is kept, with its prefix. Raises SecretInvalid."""
    encoded = text.strip().removeprefix(PREFIX)
    length = len(_key(encoded))
    if not SHORTEST <= length <= LONGEST:
        raise SecretInvalid(f"The signing secret has {length} bytes; it needs {SHORTEST} to {LONGEST}.")
    return PREFIX + encoded


def signed_headers(body: bytes, *, message_id: str, secret: str, now: datetime) -> dict[str, str]:
    """`webhook-id`, `webhook-timestamp` and `webhook-signature` of a body as it is before any compression.

    `message_id` is the same for a repeat of the same batch. Receivers refuse a timestamp that is some minutes off, so
    `now` is the time of this attempt.
    """
    timestamp = str(int(now.timestamp()))
    signed = b"%b.%b.%b" % (message_id.encode(), timestamp.encode(), body)
    digest = hmac.new(_key(secret.removeprefix(PREFIX)), signed, hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def _key(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        example = f"{PREFIX}MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        raise SecretInvalid(f"A signing secret is {PREFIX} and base64, such as {example}.") from None
