from __future__ import annotations

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from streaming.transport.addresses import Policy
from streaming.transport.certificates import described, presented_certificate
from streaming.transport.connecting import Deadline
from streaming.transport.resolving import resolve
from streaming.transport.urls import parse_url
from tests.streaming.transport.conftest import HOST, MakeServer
from tests.streaming.transport.https_server import Server, answer, answering


def shown(server: Server, policy: Policy) -> str:
    url = parse_url(f"https://{HOST}:{server.port}/")
    addresses = resolve(HOST, policy, resolver=lambda _: ["127.0.0.1"])
    return presented_certificate(url, addresses, deadline=Deadline(2))


def test_the_certificate_on_show_is_described(start: MakeServer, policy: Policy) -> None:
    assert f"for {HOST}, 127.0.0.1, issuer" in shown(start(answering(answer())), policy)


def test_no_certificate_gives_no_description(start: MakeServer, policy: Policy) -> None:
    assert shown(start(lambda _server, connection: connection.close(), context=None), policy) == ""


def test_a_certificate_cannot_smuggle_control_characters() -> None:
    pem = trustme.CA().issue_cert("a.example", common_name="evil\n\x1b[31m\u202e").cert_chain_pems[0].bytes()
    der = x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)

    assert described(der).startswith("CN=evil[31m, for a.example")


def test_what_is_no_certificate_is_an_error() -> None:
    with pytest.raises(ValueError, match="asn1"):
        described(b"nonsense")
