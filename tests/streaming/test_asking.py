from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from audit.models import Person, Tenant
from streaming import environment
from streaming.asking import IN, MOST_TESTS, ask_for_test
from streaming.configuring import Settings, SettingsRefused
from streaming.encryption import Secret
from streaming.models import ConnectionTest, ProbeStatus, Stream
from streaming.tokens import signing_secret_of
from streaming.wire.signing import new_secret
from tests.entries import NOON
from tests.streams import MakeStream

TYPED = Settings(
    enabled=True,
    destination_kind="http_bearer",
    url="https://siem.acme.example/ingest",
    token=Secret("canary-typed"),
)


def ask(tenant: Tenant, settings: Settings = TYPED, *, stream: Stream | None = None) -> ConnectionTest:
    return ask_for_test(tenant=tenant, settings=settings, stream=stream, by=None, now=NOON)


def revealed(test: ConnectionTest) -> str:
    stored = ConnectionTest.objects.get(pk=test.pk).token_encrypted
    assert stored is not None
    return environment.key_ring().decrypt(stored, tenant=test.tenant_id, row=test.pk).reveal()


def why_not(tenant: Tenant, settings: Settings, *, stream: Stream | None = None) -> dict[str, str]:
    with pytest.raises(SettingsRefused) as refusal:
        ask(tenant, settings, stream=stream)
    assert not ConnectionTest.objects.exists()
    return refusal.value.errors


def test_a_test_waits_with_the_values_of_the_form_and_an_encrypted_token(acme: Tenant, ana: Person) -> None:
    test = ask_for_test(tenant=acme, settings=TYPED, stream=None, by=ana, now=NOON)

    assert (test.status, test.url, test.asked_by) == (ProbeStatus.WAITING, TYPED.url, ana)
    assert b"canary" not in bytes(test.token_encrypted or b"")
    assert revealed(test) == "canary-typed"


def test_the_saved_token_is_used_for_the_host_that_it_was_entered_for(
    acme: Tenant, make_stream: MakeStream
) -> None:
    stream = make_stream(url=TYPED.url, token=Secret("canary-saved"))

    assert revealed(ask(acme, replace(TYPED, token=None), stream=stream)) == "canary-saved"


@pytest.mark.parametrize("url", ["https://evil.example/ingest", "https://siem.acme.example:8443/ingest"])
def test_the_saved_token_is_not_sent_anywhere_else(url: str, acme: Tenant, make_stream: MakeStream) -> None:
    stream = make_stream(url=TYPED.url, token=Secret("canary-saved"))

    assert set(why_not(acme, replace(TYPED, url=url, token=None), stream=stream)) == {"token"}


def test_a_saved_token_that_no_key_opens_is_asked_for_again(acme: Tenant, make_stream: MakeStream) -> None:
    stream = make_stream(url=TYPED.url)
    stream.token_encrypted = b"\x01gone" + bytes(40)

    assert "Enter the token again." in why_not(acme, replace(TYPED, token=None), stream=stream)["token"]


def test_without_any_token_there_is_nothing_to_test(acme: Tenant) -> None:
    assert set(why_not(acme, replace(TYPED, token=None))) == {"token"}


def test_a_tenant_may_ask_for_a_few_tests_a_minute(acme: Tenant, globex: Tenant) -> None:
    for _ in range(MOST_TESTS):
        ask(acme)

    with pytest.raises(SettingsRefused, match="Try again in a minute"):
        ask(acme)

    ask(globex)
    ConnectionTest.objects.filter(tenant=acme).update(created_at=NOON - IN - timedelta(seconds=1))
    ask(acme)


def test_a_test_is_formed_and_signed_as_the_form_says(acme: Tenant) -> None:
    secret = new_secret()
    wanted = replace(TYPED, payload_format="ocsf", framing="ndjson", signing_secret=Secret(secret))

    test = ConnectionTest.objects.get(pk=ask(acme, wanted).pk)

    assert (test.payload_format, test.framing) == ("ocsf", "ndjson")
    assert secret.encode() not in bytes(test.signing_secret_encrypted or b"")
    assert signing_secret_of(test) == Secret(secret)


def test_what_the_form_keeps_is_taken_from_the_stream(acme: Tenant, make_stream: MakeStream) -> None:
    secret = new_secret()
    stream = make_stream(url=TYPED.url, payload_format="ecs", framing="single", signing_secret=Secret(secret))

    kept, unsigned = (
        ask(acme, stream=stream),
        ask(acme, replace(TYPED, signing_secret=Secret("")), stream=stream),
    )

    assert (kept.payload_format, kept.framing, signing_secret_of(kept)) == ("ecs", "single", Secret(secret))
    assert signing_secret_of(unsigned) is None


def test_a_signing_secret_that_no_key_opens_is_asked_for_again(acme: Tenant, make_stream: MakeStream) -> None:
    stream = make_stream(url=TYPED.url)
    stream.signing_secret_encrypted = b"\x01gone" + bytes(40)

    assert "Enter the signing secret again." in why_not(acme, TYPED, stream=stream)["signing_secret"]
