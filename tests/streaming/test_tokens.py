from __future__ import annotations

from uuid import UUID

import pytest

from audit.models import Tenant
from streaming.encryption import Secret, TokenUnreadable
from streaming.models import ConnectionTest, ProbeStatus, Stream
from streaming.tokens import fingerprint, found_scheme, sealed_signing_secret, signing_secret_of, token_of
from tests.entries import NOON
from tests.streams import MakeStream

URL = "https://es.acme.example:9200"


def test_the_saved_token_opens_for_its_own_stream_only(make_stream: MakeStream) -> None:
    stream = make_stream(token=Secret("canary"))
    other = Stream.objects.create(
        tenant=stream.tenant, name="copy", token_encrypted=stream.token_encrypted, url=stream.url
    )

    assert token_of(stream).reveal() == "canary"
    with pytest.raises(TokenUnreadable):
        token_of(other)


def test_a_stream_without_a_token_says_so(make_stream: MakeStream) -> None:
    stream = make_stream()
    stream.token_encrypted = None

    with pytest.raises(TokenUnreadable, match="No token is saved"):
        token_of(stream)


def test_a_fingerprint_tells_tokens_apart_without_naming_them() -> None:
    assert fingerprint(Secret("canary")) == fingerprint(Secret("canary"))
    assert fingerprint(Secret("canary")) != fingerprint(Secret("canarz"))
    assert "canary" not in fingerprint(Secret("canary"))


def a_run(tenant: Tenant, status: ProbeStatus, *phases: dict[str, object]) -> None:
    ConnectionTest.objects.create(
        tenant=tenant,
        destination_kind="elasticsearch",
        url=URL,
        token_fingerprint=fingerprint(Secret("canary")),
        status=status,
        phases=list(phases),
        created_at=NOON,
    )


def scheme(tenant_id: UUID, *, url: str = URL, token: str = "canary") -> str:
    return found_scheme(tenant_id=tenant_id, kind="elasticsearch", url=url, token=Secret(token))


def test_the_scheme_that_a_test_found_counts_for_exactly_its_values(acme: Tenant, globex: Tenant) -> None:
    a_run(acme, ProbeStatus.PASSED, {"name": "dns"}, {"name": "authentication", "found": {"scheme": "Basic"}})

    assert scheme(acme.pk) == "Basic"
    assert [scheme(globex.pk), scheme(acme.pk, url=f"{URL}/x"), scheme(acme.pk, token="other")] == [""] * 3


def test_a_test_that_failed_found_nothing(acme: Tenant) -> None:
    a_run(acme, ProbeStatus.FAILED, {"name": "authentication", "found": {"scheme": "Basic"}})

    assert scheme(acme.pk) == ""


def test_the_signing_secret_opens_as_that_only(make_stream: MakeStream) -> None:
    stream = make_stream(token=Secret("canary"))

    assert signing_secret_of(stream) is None
    stream.signing_secret_encrypted = sealed_signing_secret(stream, Secret("whsec_abc"))
    assert signing_secret_of(stream) == Secret("whsec_abc")
    stream.token_encrypted = stream.signing_secret_encrypted
    with pytest.raises(TokenUnreadable):
        token_of(stream)
    stream.signing_secret_encrypted = make_stream(name="second").token_encrypted
    with pytest.raises(TokenUnreadable):
        signing_secret_of(stream)
