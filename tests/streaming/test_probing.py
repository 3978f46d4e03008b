from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from audit.models import AuditEntry, Person, Tenant
from auditsite.demo.intake import Intake
from auditsite.demo.intake.authority import Flavour
from auditsite.demo.intake.behaviour import html_page
from streaming.asking import MOST_TESTS, ask_for_test
from streaming.configuring import Settings, SettingsRefused
from streaming.encryption import Secret
from streaming.models import ConnectionTest, ProbeStatus, Stream
from streaming.probing import run_connection_test
from streaming.wire.signing import new_secret
from tests.streams import MakeStream

KINDS = ["splunk_hec", "http_bearer", "elasticsearch"]
every_kind = pytest.mark.parametrize("kind", KINDS)
Probe = Callable[..., ConnectionTest]


@pytest.fixture
def probe(acme: Tenant, ana: Person, loopback: Intake) -> Probe:
    """Press the button as ana with these values, and let a worker run the test."""

    def run(
        kind: str, *, url: str = "", token: str | None = "", stream: Stream | None = None, **more: Any
    ) -> ConnectionTest:
        settings = Settings(
            enabled=True,
            destination_kind=kind,
            url=url or loopback.url(kind),
            token=None if token is None else Secret(token or loopback.token(kind)),
            **more,
        )
        now = datetime.now(UTC)
        test = ask_for_test(tenant=acme, settings=settings, stream=stream, by=ana, now=now)
        run_connection_test(test.pk, now=now)
        return ConnectionTest.objects.get(pk=test.pk)

    return run


def statuses(test: ConnectionTest) -> dict[str, str]:
    return {phase["name"]: phase["status"] for phase in test.phases}


def failed_at(test: ConnectionTest) -> str:
    assert test.status == ProbeStatus.FAILED, test.summary
    return str(next(phase["name"] for phase in test.phases if phase["status"] == "fail"))


@every_kind
def test_a_good_intake_passes_every_phase(kind: str, probe: Probe) -> None:
    test = probe(kind)

    assert test.status == ProbeStatus.PASSED, test.summary
    assert list(statuses(test)) == ["address", "dns", "tcp", "tls", "authentication", "ingest"]
    assert "fail" not in statuses(test).values()
    assert test.summary == "Connected."
    assert all(phase["milliseconds"] is not None for phase in test.phases if phase["status"] == "ok")


@every_kind
def test_a_wrong_token_fails_at_authentication_and_says_so(kind: str, probe: Probe) -> None:
    test = probe(kind, token="99999999-0000-0000-0000-000000000000")

    assert failed_at(test) == "authentication"
    assert any(words in test.summary for words in ("answered 40", "Splunk rejected the token."))
    assert "Check that the whole" in test.hint


@every_kind
def test_a_web_page_that_answers_200_is_not_taken_for_an_intake(
    kind: str, probe: Probe, loopback: Intake
) -> None:
    loopback.behave(kind, html_page("Single sign-on"))

    test = probe(kind)

    assert failed_at(test) in {"authentication", "ingest"}
    assert "web page" in f"{test.summary} {test.hint}"


@pytest.mark.parametrize(
    ("flavour", "words"),
    [
        (Flavour.EXPIRED, "expired"),
        (Flavour.WRONG_NAME, "another name"),
        (Flavour.SELF_SIGNED, "unknown authority|self-signed"),
    ],
)
def test_a_bad_certificate_fails_at_tls_before_any_token_is_sent(
    flavour: Flavour, words: str, probe: Probe, loopback: Intake
) -> None:
    url = loopback.also_on(flavour)

    test = probe("http_bearer", url=f"{url}/ingest")

    assert failed_at(test) == "tls"
    assert any(word in f"{test.summary} {test.hint}" for word in words.split("|")), test.summary
    assert statuses(test)["authentication"] == "skipped"
    assert loopback.requests == []


def test_a_host_that_does_not_resolve_fails_at_dns(probe: Probe) -> None:
    test = probe("http_bearer", url="https://no-such-host.auditsite-example.net/ingest")

    assert failed_at(test) == "dns"
    assert "no-such-host.auditsite-example.net" in test.summary


def test_the_token_is_wiped_when_the_test_has_ended(probe: Probe) -> None:
    assert probe("splunk_hec").token_encrypted is None


def test_the_run_is_recorded_with_who_and_what_came_of_it(probe: Probe, acme: Tenant) -> None:
    probe("splunk_hec", token="99999999-0000-0000-0000-000000000000")

    entry = AuditEntry.objects.of(acme).get(event="tenant_admin_settings.audit_log_streaming_tested")
    assert (entry.done_by, entry.outcome) == ("ana@acme.example", "failure")
    assert entry.parameters["failed_phase"] == "Authentication"


def test_the_saved_token_is_used_where_the_form_keeps_it(probe: Probe, make_stream: MakeStream) -> None:
    stream = make_stream("splunk_hec")

    assert probe("splunk_hec", token=None, stream=stream).status == ProbeStatus.PASSED


def test_the_saved_token_never_goes_to_another_host(probe: Probe, make_stream: MakeStream) -> None:
    stream = make_stream("splunk_hec")

    with pytest.raises(SettingsRefused, match="Enter the token again"):
        probe("splunk_hec", url="https://attacker.example:8088", token=None, stream=stream)


def test_tests_are_limited_in_number(probe: Probe) -> None:
    for _ in range(MOST_TESTS):
        probe("http_bearer")

    with pytest.raises(SettingsRefused, match="in a minute"):
        probe("http_bearer")


def test_a_test_runs_once(probe: Probe, loopback: Intake) -> None:
    test = probe("http_bearer")
    asked = len(loopback.requests)

    run_connection_test(test.pk, now=datetime.now(UTC))

    assert len(loopback.requests) == asked


def test_the_test_event_has_the_format_that_the_form_asks_for(probe: Probe, loopback: Intake) -> None:
    wanted = {"payload_format": "ecs", "framing": "ndjson", "signing_secret": Secret(new_secret())}

    test = probe("http_bearer", **wanted)

    assert test.status == ProbeStatus.PASSED, test.summary
    assert test.signing_secret_encrypted is None
    (event,) = loopback.tests("http_bearer")
    assert event["event"]["action"] == "audit-log-streaming-tested"
