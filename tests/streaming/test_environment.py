from __future__ import annotations

import base64
from uuid import uuid4

import pytest
from pytest_django.fixtures import Settings as DjangoSettings

from auditsite.demo.intake import Intake
from streaming import environment
from streaming.encryption import KeysInvalid, Secret
from streaming.transport.addresses import PolicyError, check_address
from streaming.wire.messages import AddressRefused, Request, Response, TransportError


def a_key() -> str:
    return base64.b64encode(uuid4().bytes * 2).decode()


def test_the_first_key_encrypts_and_the_others_still_decrypt(settings: DjangoSettings) -> None:
    old, new = a_key(), a_key()
    tenant, row = uuid4(), uuid4()
    settings.ENCRYPTION_KEYS = [old]
    environment.key_ring.cache_clear()
    sealed = environment.key_ring().encrypt(Secret("canary"), tenant=tenant, row=row)

    settings.ENCRYPTION_KEYS = [new, old]
    environment.key_ring.cache_clear()

    assert environment.key_ring().decrypt(sealed, tenant=tenant, row=row).reveal() == "canary"
    assert environment.key_ring().encrypt(Secret("canary"), tenant=tenant, row=row)[:5] != sealed[:5]


def test_an_installation_without_keys_is_told_so(settings: DjangoSettings) -> None:
    settings.ENCRYPTION_KEYS = []
    environment.key_ring.cache_clear()

    with pytest.raises(KeysInvalid, match="AUDITSITE_ENCRYPTION_KEYS"):
        environment.key_ring()


def test_a_private_address_is_open_only_where_the_operator_allows_it(settings: DjangoSettings) -> None:
    environment.policy.cache_clear()
    with pytest.raises(AddressRefused):
        check_address("https://10.1.2.3/", environment.policy())

    settings.OUTBOUND_ALLOW = "10.1.0.0/16"
    environment.policy.cache_clear()

    check_address("https://10.1.2.3/", environment.policy())


def test_a_list_of_addresses_that_cannot_be_read_is_an_error(settings: DjangoSettings) -> None:
    settings.OUTBOUND_ALLOW = "10.0.0.0/99"
    environment.policy.cache_clear()

    with pytest.raises(PolicyError):
        environment.policy()


def test_the_operators_authority_is_trusted_and_nobody_elses(
    loopback: Intake, settings: DjangoSettings
) -> None:
    request = Request(method="GET", url=f"{loopback.base_url}/", headers={}, body=b"")

    with environment.client() as client:
        assert isinstance(client.send(request), Response)

    settings.OUTBOUND_CA = ""
    environment.policy.cache_clear()
    with environment.client() as client:
        answer = client.send(request)
    assert isinstance(answer, TransportError)
    assert answer.code.startswith("tls")
