from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.pages import SettingsPage, settings_of
from tests.browser.people import TESS
from tests.journeys.product import Product, tokens

KINDS = {"splunk_hec": "Splunk HEC", "http_bearer": "HTTP (Bearer Auth)", "elasticsearch": "Elasticsearch"}
WEB_PAGE = {
    "status": 200,
    "body": "<!doctype html><title>Sign in</title>",
    "headers": {"Content-Type": "text/html"},
}
PHASES = ("Address", "DNS", "TCP", "TLS", "Authentication", "Ingest")


@dataclass
class Case:
    """One run of Test Connection on values that are nowhere saved."""

    form: SettingsPage
    product: Product

    def run(self, kind: str, *, url: str = "", token: str = "") -> None:
        path = "/ingest" if kind == "http_bearer" else ""
        self.form.fill(KINDS[kind], (url or self.product.intake) + path, token or tokens(self.product)[kind])
        self.form.test()

    def is_told(self, *, failed: str, words: str | re.Pattern[str], mend: str) -> None:
        """The step that failed, why, what to do about it; and nothing after it was tried."""
        expect(self.form.verdict).to_contain_text(words)
        expect(self.form.verdict).to_contain_text(mend)
        expect(self.form.verdict).to_have_class(re.compile("note-danger"))
        expect(self.form.phase(failed)).to_contain_text("failed")
        before, after = PHASES[: PHASES.index(failed)], PHASES[PHASES.index(failed) + 1 :]
        for name in before:
            expect(self.form.phase(name)).to_contain_text(re.compile("passed|not reached"))
        for name in after:
            expect(self.form.phase(name)).to_contain_text("not reached")

    def misbehave(self, **behaviour: object) -> None:
        self.product.tell_intake("behave", kind="*", behaviour=behaviour)


@pytest.fixture
def case(visit: Visit, product: Product, room: str) -> Iterator[Case]:
    """Tess before the settings of a tenant that has no stream."""
    yield Case(SettingsPage(visit(TESS, path=settings_of(room))), product)
    product.tell_intake("heal")


@pytest.mark.parametrize("kind", KINDS)
def test_a_good_intake_passes_every_step(case: Case, kind: str) -> None:
    case.run(kind)

    expect(case.form.verdict).to_contain_text("Connected.")
    expect(case.form.verdict).to_have_class(re.compile("note-ok"))
    for name in PHASES:
        expect(case.form.phase(name)).to_contain_text("passed")
        expect(case.form.phase(name)).to_contain_text(" ms")


@pytest.mark.parametrize(
    ("kind", "words", "mend"),
    [
        ("splunk_hec", "Splunk rejected the token.", "Check that the whole value was copied"),
        ("http_bearer", "The service answered 401.", "The token was not accepted."),
        ("elasticsearch", "Elasticsearch answered 401", "Check that the whole key was copied"),
    ],
)
def test_a_wrong_token_is_told(case: Case, kind: str, words: str, mend: str) -> None:
    case.run(kind, token="not-the-token-of-this-intake")

    case.is_told(failed="Authentication", words=words, mend=mend)
    assert "not-the-token-of-this-intake" not in case.form.page.content()


def test_an_expired_certificate_is_told(case: Case) -> None:
    case.run("splunk_hec", url=f"https://127.0.0.1:{case.product.also['expired']}")

    case.is_told(
        failed="TLS",
        words="The certificate of 127.0.0.1 has expired.",
        mend="Renew it on the receiving side",
    )


def test_a_self_signed_certificate_is_told(case: Case) -> None:
    case.run("elasticsearch", url=f"https://127.0.0.1:{case.product.also['self_signed']}")

    case.is_told(failed="TLS", words="is self-signed", mend="Install one that an authority signed")


def test_a_port_without_tls_is_told(case: Case) -> None:
    case.run("http_bearer", url=f"https://127.0.0.1:{case.product.also['plain']}")

    case.is_told(failed="TLS", words="does not speak TLS", mend="Switch on HTTPS")


@pytest.mark.parametrize("kind", KINDS)
def test_a_web_page_that_answers_200_is_told(case: Case, kind: str) -> None:
    case.misbehave(**WEB_PAGE)

    case.run(kind)

    expect(case.form.verdict).to_contain_text("web page")
    expect(case.form.verdict).to_contain_text("Enter the address of the intake.")
    expect(case.form.verdict).to_have_class(re.compile("note-danger"))


def test_a_host_that_does_not_resolve_is_told(case: Case) -> None:
    case.run("splunk_hec", url="https://intake.nowhere.example:8088")

    # A machine without any name server cannot know that there is no such name.
    words = re.compile(
        r"The name intake\.nowhere\.example was not found|could not answer for intake\.nowhere\.example"
    )
    case.is_told(failed="DNS", words=words, mend="Check the spelling")


def test_a_port_where_nobody_listens_is_told(case: Case) -> None:
    case.run("splunk_hec", url="https://127.0.0.1:1")

    case.is_told(failed="TCP", words="127.0.0.1 refused the connection on port 1.", mend="Check the port")


def test_values_that_cannot_be_tested_are_told_at_once(case: Case) -> None:
    case.form.fill("Splunk HEC", "http://splunk.example:8088", "some token")
    case.form.test()

    expect(case.form.verdict).to_contain_text("Not tested.")
    expect(case.form.verdict).to_contain_text("https")


def test_more_tests_than_five_a_minute_are_told(case: Case) -> None:
    for _ in range(5):
        case.run("http_bearer")
        expect(case.form.verdict).to_contain_text("Connected.")
        case.form.page.reload()

    case.run("http_bearer")

    expect(case.form.verdict).to_contain_text("Try again in a minute.")


def test_the_steps_are_shown_as_they_come(case: Case) -> None:
    case.misbehave(delay=2)

    case.run("splunk_hec")

    expect(case.form.phase("Authentication")).to_contain_text("running")
    expect(case.form.phase("TLS")).to_contain_text("passed")
    expect(case.form.phase("Ingest")).to_contain_text("waiting")
    expect(case.form.page.get_by_role("button", name="Test Connection")).to_be_enabled()
    expect(case.form.verdict).to_contain_text("Connected.")
    expect(case.form.phase("Ingest")).to_contain_text("passed")


def test_a_test_saves_nothing(case: Case) -> None:
    case.run("splunk_hec")
    expect(case.form.verdict).to_contain_text("Connected.")

    case.form.page.reload()

    expect(case.form.health).to_contain_text("Not set up")
    expect(case.form.switch).not_to_be_checked()
