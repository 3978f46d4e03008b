from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from audit.models import Membership, Person, Role, Tenant
from auditsite.demo.intake import Intake
from auditsite.demo.intake.behaviour import Behaviour
from streaming.models import Cursor, State, Stream
from streaming.notifying import admins_of, send_notices
from tests.entries import make_entry
from tests.fakes.mail import Mailbox
from tests.streams import MakeStream, deliver_all, deliver_once, make_due

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def stream(make_stream: MakeStream, loopback: Intake, ana: Person) -> Stream:  # noqa: ARG001 - ana administers acme
    """Its token is not accepted any more."""
    made = make_stream("http_bearer")
    deliver_all(made)
    make_entry(made.tenant)
    loopback.behave("http_bearer", Behaviour(status=401, body="{}"))
    deliver_once(made)
    assert Cursor.objects.get(pk=made.pk).state == State.HELD_FOR_CREDENTIALS
    return made


def test_admins_are_told_of_trouble_daily_and_of_the_recovery(
    stream: Stream, loopback: Intake, mailbox: Mailbox
) -> None:
    now = datetime.now(UTC)
    assert send_notices(now=now + timedelta(minutes=14)) == 0

    assert send_notices(now=now + timedelta(minutes=16)) == 1
    assert send_notices(now=now + 2 * HOUR) == 0
    assert send_notices(now=now + DAY + HOUR) == 1
    assert send_notices(now=now + DAY + 2 * HOUR) == 0
    loopback.heal()
    make_due(stream)
    deliver_all(stream)
    assert send_notices(now=now + DAY + 3 * HOUR) == 1
    assert send_notices(now=now + 9 * DAY) == 0

    assert mailbox.to == ["ana@acme.example"] * 3
    assert [subject.rpartition(": ")[2] for subject in mailbox.subjects] == [
        *["delivery to SIEM has stopped and waits for you"] * 2,
        "SIEM is being delivered again",
    ]


def test_the_mail_says_what_is_wrong_and_leads_to_the_settings_without_a_token(
    stream: Stream, loopback: Intake, mailbox: Mailbox
) -> None:
    send_notices(now=datetime.now(UTC) + HOUR)

    (mail,) = mailbox.mails
    text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    for part in (text.get_content(), html.get_content()):
        assert "does not accept the token" in part
        assert f"https://audit.example/t/acme/audit-log/settings/streams/{stream.pk}/" in part
        assert loopback.token("http_bearer") not in part
        assert "&#x27;" not in text.get_content()


@pytest.mark.usefixtures("stream")
def test_what_a_person_called_things_cannot_become_a_header_or_markup(mailbox: Mailbox) -> None:
    Stream.objects.update(name="<b>SIEM</b>\r\nBcc: eve@evil.example")
    Tenant.objects.filter(slug="acme").update(name="Ac\nme")

    assert send_notices(now=datetime.now(UTC) + HOUR) == 1

    (mail,) = mailbox.mails
    html = mail.get_body(("html",))
    assert mail["Bcc"] is None
    assert html is not None
    assert "<b>SIEM" not in html.get_content()


def test_no_answer_or_a_refusal_is_tried_again_in_the_next_round(
    stream: Stream, mailbox: Mailbox, settings: Settings
) -> None:
    now, port = datetime.now(UTC) + HOUR, settings.EMAIL_PORT
    settings.EMAIL_PORT = 1
    assert send_notices(now=now) == 0
    settings.EMAIL_PORT = port
    mailbox.broken = True
    assert send_notices(now=now + timedelta(minutes=1)) == 0
    mailbox.broken = False

    assert send_notices(now=now + timedelta(minutes=2)) == 1
    assert send_notices(now=now + timedelta(minutes=3)) == 0
    assert Cursor.objects.get(pk=stream.pk).notice_stage == "first"


@pytest.mark.usefixtures("stream")
def test_an_address_that_is_refused_costs_the_others_nothing(acme: Tenant, mailbox: Mailbox) -> None:
    for name in ("ben", "zoe"):
        person = Person.objects.create_user(f"{name}@acme.example")
        Membership.objects.create(person=person, tenant=acme, role=Role.ADMIN)
    mailbox.refuses = {"ben@acme.example"}

    assert send_notices(now=datetime.now(UTC) + HOUR) == 2
    assert send_notices(now=datetime.now(UTC) + 2 * HOUR) == 0

    assert mailbox.to == ["ana@acme.example", "zoe@acme.example"]
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 2


def test_without_a_mail_server_nothing_is_sent_and_the_page_still_knows(
    stream: Stream, settings: Settings
) -> None:
    settings.EMAIL_CONFIGURED = False

    assert send_notices(now=datetime.now(UTC) + HOUR) == 0

    assert Cursor.objects.get(pk=stream.pk).notice_stage == "first"


@pytest.mark.usefixtures("aud", "vic", "gus")
def test_only_admins_of_this_tenant_who_may_sign_in_are_told(acme: Tenant, ana: Person) -> None:
    gone = Person.objects.create_user("gone@acme.example", is_active=False)
    Membership.objects.create(person=gone, tenant=acme, role=Role.ADMIN)

    assert admins_of(acme) == [ana.email]
