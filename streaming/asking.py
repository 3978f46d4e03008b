"""Asks for a connection test of unsaved values: what the button does before a worker takes over."""

from __future__ import annotations

from datetime import datetime, timedelta

from audit.models import Person, Tenant
from streaming import environment
from streaming.configuring import Settings, SettingsRefused, check
from streaming.encryption import Secret, TokenUnreadable
from streaming.models import ConnectionTest, Stream
from streaming.probing import to_come
from streaming.tokens import sealed_signing_secret, signing_secret_of, token_of

# Requests to a customer's host on behalf of whoever holds the page (security.md S9).
MOST_TESTS = 5
IN = timedelta(minutes=1)


def ask_for_test(
    *, tenant: Tenant, settings: Settings, stream: Stream | None, by: Person | None, now: datetime
) -> ConnectionTest:
    """A test that waits for a worker; its secrets are encrypted, bound to its row, and wiped when it ends.

    The saved token is used only where the form keeps it and host and type are those it was entered for. Format,
    framing and signature are the form's, else those that are saved. Raises SettingsRefused.
    """
    checked = check(settings, stream=stream)
    recent = ConnectionTest.objects.filter(tenant=tenant, created_at__gt=now - IN)
    if recent.count() >= MOST_TESTS:
        raise SettingsRefused({"__all__": f"{MOST_TESTS} tests a minute are enough. Try again in a minute."})
    token = checked.token or _saved_token(stream)
    test = ConnectionTest(
        tenant=tenant,
        stream=stream,
        asked_by=by,
        destination_kind=checked.destination_kind,
        url=checked.url,
        phases=to_come(),
        created_at=now,
    )
    test.token_encrypted = environment.key_ring().encrypt(token, tenant=tenant.pk, row=test.pk)
    test.payload_format = checked.payload_format or (stream.payload_format if stream else test.payload_format)
    test.framing = checked.framing or (stream.framing if stream else test.framing)
    secret = checked.signing_secret or _saved_secret(stream)
    if secret is not None and secret.reveal():
        test.signing_secret_encrypted = sealed_signing_secret(test, secret)
    test.save()
    return test


def _saved_secret(stream: Stream | None) -> Secret | None:
    try:
        return signing_secret_of(stream) if stream else None
    except TokenUnreadable as error:
        raise SettingsRefused({"signing_secret": f"{error} Enter the signing secret again."}) from None


def _saved_token(stream: Stream | None) -> Secret:
    if stream is None:
        raise SettingsRefused({"token": "Enter a token."})
    try:
        return token_of(stream)
    except TokenUnreadable as error:
        raise SettingsRefused({"token": f"{error} Enter the token again."}) from None
