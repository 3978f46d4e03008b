from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import trustme

from streaming.transport.addresses import Policy
from streaming.transport.client import Client
from tests.streaming.transport.https_server import Behaviour, Server, serving

HOST = "siem.example.com"

MakeServer = Callable[..., Server]
MakeClient = Callable[..., Client]


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture
def policy(ca_file: Path) -> Policy:
    return Policy.parse("127.0.0.0/8", ca_file=ca_file)


@pytest.fixture(scope="session")
def tls(authority: trustme.CA) -> ssl.SSLContext:
    return server_context(authority.issue_cert(HOST, "127.0.0.1"))


def server_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@pytest.fixture
def start(tls: ssl.SSLContext) -> Iterator[MakeServer]:
    """Start a server: `start(behave)`, with another certificate `context=…`, without TLS `context=None`."""
    with ExitStack() as stack:

        def run(behave: Behaviour, *, context: ssl.SSLContext | None = tls) -> Server:
            return stack.enter_context(serving(behave, context))

        yield run


@pytest.fixture
def client(policy: Policy) -> Iterator[Client]:
    """Trusts the test's authority; every name means this machine."""
    with Client(policy, version="1.2.3", resolver=lambda _: ["127.0.0.1"]) as client:
        yield client
