"""Tokens that are saved, and what is known of a token without keeping it."""

from __future__ import annotations

from uuid import UUID, uuid5

from django.utils.crypto import salted_hmac

from streaming import environment
from streaming.encryption import Secret, TokenUnreadable
from streaming.models import ConnectionTest, ProbeStatus, Stream


def token_of(stream: Stream) -> Secret:
    """The saved token. Raises TokenUnreadable, also where none is saved."""
    if stream.token_encrypted is None:
        raise TokenUnreadable("No token is saved.")
    return environment.key_ring().decrypt(stream.token_encrypted, tenant=stream.tenant_id, row=stream.pk)


def sealed_signing_secret(holder: Stream | ConnectionTest, secret: Secret) -> bytes:
    """The ciphertext of `signing_secret_encrypted`; it opens as the signing secret of that row only."""
    return environment.key_ring().encrypt(secret, tenant=holder.tenant_id, row=signing_row(holder.pk))


def signing_secret_of(holder: Stream | ConnectionTest) -> Secret | None:
    """The signing secret of a stream or a test; None where requests are not signed. Raises TokenUnreadable."""
    sealed = holder.signing_secret_encrypted
    if sealed is None:
        return None
    return environment.key_ring().decrypt(sealed, tenant=holder.tenant_id, row=signing_row(holder.pk))


def signing_row(pk: UUID) -> UUID:
    """What a signing secret is bound to. Not the row's own id: put into the other column it must not open there."""
    return uuid5(pk, "signing_secret")


def fingerprint(token: Secret) -> str:
    """Tells whether two tokens are the same one without telling what they are."""
    return salted_hmac("streaming.tokens", token.reveal(), algorithm="sha256").hexdigest()


def found_scheme(*, tenant_id: UUID, kind: str, url: str, token: Secret) -> str:
    """The authentication scheme that the last test of exactly these values found; empty without one."""
    tests = ConnectionTest.objects.filter(
        tenant_id=tenant_id, destination_kind=kind, url=url, token_fingerprint=fingerprint(token)
    )
    passed = tests.filter(status=ProbeStatus.PASSED).values_list("phases", flat=True).first() or []
    return next((phase["found"]["scheme"] for phase in passed if phase.get("found", {}).get("scheme")), "")
