"""Certificates and handshakes that must not pass, each with its sentence."""

from __future__ import annotations

import datetime
import socket
import ssl
import time
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from streaming.transport.addresses import Policy
from streaming.transport.client import Client
from streaming.wire.messages import Request, TransportError
from tests.streaming.transport.conftest import HOST, MakeServer, server_context
from tests.streaming.transport.https_server import Server, answer, answering

PAST = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


def refused(client: Client, server: Server, *, timeout: float = 5) -> TransportError:
    url = f"https://{HOST}:{server.port}/"
    error = client.send(
        Request(method="POST", url=url, headers={"Authorization": "Bearer t0k"}), timeout=timeout
    )
    assert isinstance(error, TransportError)
    assert server.requests == []
    return error


def own_certificate(folder: Path, *, names: list[str]) -> ssl.SSLContext:
    """A certificate that signs itself, for a common name and for alternative names."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(days=1))
    builder = builder.not_valid_after(now + datetime.timedelta(days=1))
    if names:
        alternative = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        builder = builder.add_extension(alternative, critical=False)
    certificate = builder.sign(key, hashes.SHA256())
    plain = serialization.NoEncryption()
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "own.key").write_bytes(key.private_bytes(encoding, form, plain))
    (folder / "own.pem").write_bytes(certificate.public_bytes(encoding))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "own.pem", folder / "own.key")
    return context


def test_an_expired_certificate_is_refused(start: MakeServer, client: Client, authority: trustme.CA) -> None:
    expired = authority.issue_cert(HOST, not_before=PAST, not_after=PAST + datetime.timedelta(days=1))

    error = refused(client, start(answering(answer()), context=server_context(expired)))

    assert (error.code, error.reason) == ("tls_expired", f"The certificate of {HOST} has expired.")
    assert "No token and no entry was sent" in error.hint


def test_a_certificate_for_another_name_is_refused(
    start: MakeServer, client: Client, authority: trustme.CA
) -> None:
    other = authority.issue_cert("other.example.com")

    error = refused(client, start(answering(answer()), context=server_context(other)))

    assert (error.code, error.reason) == ("tls_hostname", f"The certificate of {HOST} is for another name.")


def test_a_self_signed_certificate_is_refused(start: MakeServer, client: Client, tmp_path: Path) -> None:
    error = refused(client, start(answering(answer()), context=own_certificate(tmp_path, names=[HOST])))

    assert error.code == "tls_selfsigned"
    assert "Splunk" in error.hint


def test_an_unknown_authority_is_refused_even_if_the_environment_trusts_it(
    start: MakeServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stranger = trustme.CA()
    trusted = tmp_path / "stranger.pem"
    stranger.cert_pem.write_to_path(str(trusted))
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(trusted))
    server = start(answering(answer()), context=server_context(stranger.issue_cert(HOST)))

    with Client(Policy.parse("127.0.0.0/8"), resolver=lambda _: ["127.0.0.1"]) as client:
        error = refused(client, server)

    assert error.code == "tls_untrusted"


def test_a_common_name_alone_does_not_count(start: MakeServer, tmp_path: Path) -> None:
    context = own_certificate(tmp_path, names=[])
    policy = Policy.parse("127.0.0.0/8", ca_file=tmp_path / "own.pem")

    with Client(policy, resolver=lambda _: ["127.0.0.1"]) as client:
        error = refused(client, start(answering(answer()), context=context))

    assert error.code == "tls_hostname"


def test_a_port_without_tls_is_told_so(start: MakeServer, client: Client) -> None:
    def plain(_server: Server, connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    server = start(plain, context=None)

    error = refused(client, server)

    assert (error.code, error.reason) == ("not_tls", f"{HOST} does not speak TLS on port {server.port}.")


def test_a_handshake_that_stalls_ends_at_the_deadline(start: MakeServer, client: Client) -> None:
    def stall(_server: Server, connection: socket.socket) -> None:
        while connection.recv(65536):
            pass

    began = time.monotonic()

    assert refused(client, start(stall, context=None), timeout=0.4).code == "timeout"
    assert time.monotonic() - began < 1.5


def test_a_connection_closed_in_the_handshake_is_a_reset(start: MakeServer, client: Client) -> None:
    def close(_server: Server, connection: socket.socket) -> None:
        connection.recv(65536)

    assert refused(client, start(close, context=None)).code == "reset"


def test_a_server_that_needs_the_name_to_choose_its_certificate_gets_it(
    start: MakeServer, client: Client, authority: trustme.CA, tls: ssl.SSLContext
) -> None:
    default = server_context(authority.issue_cert("default.example.com"))
    default.sni_callback = lambda connection, name, _: (
        setattr(connection, "context", tls) if name == HOST else None
    )
    server = start(answering(answer()), context=default)

    client.send(Request(method="GET", url=f"https://{HOST}:{server.port}/", headers={}))

    assert len(server.requests) == 1


def test_an_address_instead_of_a_name_is_checked_against_the_certificate(
    start: MakeServer, client: Client
) -> None:
    server = start(answering(answer()))

    client.send(Request(method="GET", url=f"https://127.0.0.1:{server.port}/", headers={}))

    assert len(server.requests) == 1
