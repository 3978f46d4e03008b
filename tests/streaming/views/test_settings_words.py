"""What the settings page says is what the design says (its section 6), word by word but for marks of formatting.

Where a decision has overruled the design, its words are not here: a test of Splunk sends no event, and nothing is
dropped after any number of days.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.test import Client

from streaming.checking import Settings, SettingsRefused, check
from streaming.destination import Target, destination
from streaming.encryption import Secret
from streaming.transport.addresses import Policy
from streaming.transport.failures import tcp_failure, tls_failure
from streaming.transport.phases import PhaseResult
from streaming.transport.resolving import resolve
from streaming.transport.urls import parse_url
from streaming.wire.messages import Answer, Request, Response, TransportError
from tests.entries import NOON
from tests.streaming.views.conftest import PAGE, VALUES

HOST = "hec.meridian.example"
URL = parse_url(f"https://{HOST}:8088/services/collector/event")
TOKEN = "11111111-2222-3333-4444-555555555555"
FIREWALL = "Check the port and that its firewall lets our addresses in."
RENEW = "Renew it on the receiving side, then test again."
NOTHING_SENT = "No token and no entry was sent. Certificate checks cannot be switched off."
CHECK_THE_TOKEN = (
    "Check that the whole value was copied, that the token is enabled in Splunk, and that HEC is switched on under "
    "Global Settings."
)
RIGHT = Settings(enabled=True, destination_kind="splunk_hec", url=f"{URL}", token=Secret(TOKEN))


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("url", "", "Enter a URL."),
        ("url", f"http://{HOST}", "Start the address with https:// and use a public host name."),
        ("url", "https://10.0.4.12", "10.0.4.12 is a private address."),
        ("token", None, "Enter a token. It is needed to switch streaming on."),
        ("token", Secret("two words"), "The token must not contain spaces or line breaks."),
        ("destination_kind", "pigeon", "Choose a destination type."),
    ],
)
def test_errors_of_fields(field: str, value: object, words: str) -> None:
    values = {name: getattr(RIGHT, name) for name in ("enabled", "destination_kind", "url", "token")}

    with pytest.raises(SettingsRefused) as refused:
        check(Settings(**{**values, field: value}), stream=None)

    assert refused.value.errors[field].startswith(words)


def test_what_stands_in_the_form(admin: Client) -> None:
    page = _plain(admin.get(PAGE).content.decode())

    for words in (
        "Enable audit log streaming",
        "Deliver every new entry to your logging service in real time.",
        "Turning this off stops all delivery and deactivates the form below.",
        "Streaming is off. Entries are still recorded and kept here for 395 days; none is sent.",
        "HTTP Event Collector on Splunk Cloud or Enterprise",
        "Any HTTPS service that takes JSON and a bearer token",
        "Bulk API of Elasticsearch or Elastic Cloud",
        "A reachable HTTPS endpoint that accepts log events.",
        "Stored encrypted and never shown again.",
    ):
        assert words in page


def test_what_is_said_of_a_save(admin: Client) -> None:
    refused = _plain(admin.post(PAGE, {**VALUES, "url": "", "token": ""}).content.decode())
    saved = _plain(admin.post(PAGE, {**VALUES, "url": f"{URL}"}, follow=True).content.decode())

    assert "Not saved. Two fields need attention." in refused
    assert f"Settings saved. New entries go to {HOST}." in saved
    assert "Saved, last changed" in saved
    assert "The new token replaces the saved one when you save." in saved
    assert "Until then, delivery goes on with the saved token." in saved
    assert "Keep saved token" in saved
    assert "so your service can drop repeats." in saved


def nobody(host: str) -> list[str]:
    raise OSError(host)


@pytest.mark.parametrize(
    ("resolver", "words"),
    [
        (nobody, f"The name {HOST} was not found. Check the spelling, or ask who runs the name server."),
        (lambda _: ["10.0.4.12"], f"{HOST} points to a private address, which is not allowed."),
    ],
)
def test_a_name_that_leads_nowhere(resolver: object, words: str) -> None:
    with pytest.raises(TransportError) as error:
        resolve(HOST, Policy(), resolver=resolver)  # type: ignore[arg-type] # two resolvers

    assert _told(error.value).startswith(words)


def verification(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError("no")
    error.verify_code = code
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            tcp_failure(URL, TimeoutError()),
            f"{HOST} did not answer on port 8088 within 5 s. {FIREWALL}",
        ),
        (tcp_failure(URL, ConnectionRefusedError()), f"{HOST} refused the connection on port 8088."),
        (
            tls_failure(URL, verification(10)),
            f"The certificate of {HOST} has expired. {RENEW} {NOTHING_SENT}",
        ),
        (tls_failure(URL, verification(62)), f"The certificate of {HOST} is for another name."),
        (tls_failure(URL, verification(20)), f"The certificate of {HOST} is signed by an unknown authority."),
    ],
    ids=["tcp-timeout", "tcp-refused", "expired", "other-name", "unknown-authority"],
)
def test_a_connection_that_fails(error: TransportError, words: str) -> None:
    assert _told(error).startswith(words)


@pytest.mark.parametrize(
    ("kind", "answers", "words"),
    [
        (
            "splunk_hec",
            [Response(status=403, body=b'{"text":"Invalid token","code":4}')],
            f"Splunk rejected the token. {CHECK_THE_TOKEN}",
        ),
        (
            "splunk_hec",
            [Response(status=404, body=b"no")],
            "The address answered 404. Splunk HEC listens at /services/collector/event.",
        ),
        (
            "splunk_hec",
            [Response(status=503, body=b"no")],
            "The service is busy (503). Try again in a minute.",
        ),
        (
            "http_bearer",
            [Response(status=429, body=b"")],
            "The service is busy (429). Try again in a minute.",
        ),
        ("splunk_hec", [Response(status=200, body=b"fine")], "answered 200 but did not confirm the event."),
        ("http_bearer", [Response(status=200, body=b"")], "accepted the test event"),
        (
            "elasticsearch",
            [
                Response(status=200, body=b'{"username":"u","authentication_type":"api_key"}'),
                Response(status=200, body=b'{"index":{"logs-auditsite.audit-default":{"create_doc":false}}}'),
            ],
            "Elasticsearch accepted the key, but it may not write. It needs auto_configure and create_doc.",
        ),
    ],
    ids=["token", "404", "503", "429", "unconfirmed", "passed", "may-not-write"],
)
def test_what_a_destination_answers(kind: str, answers: list[Response], words: str) -> None:
    last = list(_probes(kind, answers))[-1]

    assert words in f"{last.message} {last.hint}"


def test_the_reply_of_splunk_stands_beside_the_sentence() -> None:
    (proof,) = _probes("splunk_hec", [Response(status=403, body=b'{"text":"Invalid token","code":4}')])

    assert proof.detail == "HTTP 403, “Invalid token”"


def _probes(kind: str, answers: list[Response]) -> Iterator[PhaseResult]:
    """The last of the answers is given again and again."""
    left = list(answers)

    def send(_: Request) -> Answer:
        return left.pop(0) if len(left) > 1 else left[0]

    chosen = destination(kind)
    url, _ = chosen.target_url(f"https://{HOST}:8088")
    target = Target(url=url, token=TOKEN, tenant_slug="acme", channel=uuid4())
    yield from chosen.probes(target, send=send, now=NOON)


def _told(error: TransportError) -> str:
    return f"{error.reason} {error.hint}"


def _plain(page: str) -> str:
    """The page's words, without marks and with single spaces."""
    for mark in ("<bdi>", "</bdi>", "<code>", "</code>", "<strong>", "</strong>"):
        page = page.replace(mark, "")
    return " ".join(page.split())
