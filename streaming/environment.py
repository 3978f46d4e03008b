"""What the operator of this installation set for delivery: keys, and which addresses streams may reach."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings

from streaming.encryption import KeyRing
from streaming.transport.addresses import Policy
from streaming.transport.client import Client


@cache
def key_ring() -> KeyRing:
    """The installation's keys. Raises KeysInvalid."""
    return KeyRing(settings.ENCRYPTION_KEYS)


@cache
def policy() -> Policy:
    """Which addresses may be dialled, from AUDITSITE_OUTBOUND_ALLOW and AUDITSITE_OUTBOUND_CA. Raises PolicyError."""
    ca_file = Path(settings.OUTBOUND_CA) if settings.OUTBOUND_CA else None
    return Policy.parse(settings.OUTBOUND_ALLOW, ca_file=ca_file)


def client() -> Client:
    """A client for one run; close it, or use it in a `with`."""
    return Client(policy(), version=settings.VERSION)
