"""Signing in and out, as a person with a browser does it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client, RequestFactory

from audit.accounts import AccountAdapter
from audit.models import AuditEntry, Membership, Person, Role, Tenant
from tests.conftest import PASSWORD

WRONG = "The e-mail address or the password is not right."


@pytest.fixture(autouse=True)
def _nobody_has_tried_before() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def web() -> Client:
    return Client(headers={"user-agent": "Firefox"}, REMOTE_ADDR="203.0.113.7")


def sign_in(web: Client, email: str, password: str = PASSWORD, **more: str) -> Any:
    return web.post("/accounts/login/", {"login": email, "password": password, **more})


def is_signed_in(web: Client) -> bool:
    return "_auth_user_id" in web.session


def entries(tenant: Tenant) -> list[AuditEntry]:
    return list(AuditEntry.objects.of(tenant).order_by("sequence"))


def test_a_person_signs_in_and_every_tenant_of_theirs_records_it(
    web: Client, ana: Person, acme: Tenant, globex: Tenant
) -> None:
    Membership.objects.create(person=ana, tenant=globex, role=Role.AUDITOR)

    answer = sign_in(web, "Ana@Acme.example")

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/audit-log/"
    assert is_signed_in(web)
    for tenant in (acme, globex):
        [entry] = entries(tenant)
        assert entry.event == "users.user_logged_in"
        assert entry.parameters == {"method": "password"}
        assert (entry.done_by, entry.actor_id, entry.outcome) == (ana.email, str(ana.pk), "success")
        assert entry.ip == "203.0.113.7"


def test_signing_out_needs_a_post_and_is_recorded(web: Client, ana: Person, acme: Tenant) -> None:
    sign_in(web, ana.email)

    asked = web.get("/accounts/logout/")
    assert asked.status_code == 200
    assert is_signed_in(web)

    left = web.post("/accounts/logout/")

    assert left.headers["Location"] == "/accounts/login/"
    assert not is_signed_in(web)
    assert [entry.event for entry in entries(acme)] == ["users.user_logged_in", "users.user_logged_out"]


def test_a_wrong_password_is_recorded_without_its_value(web: Client, ana: Person, acme: Tenant) -> None:
    answer = sign_in(web, ana.email, "correct horse battery")

    assert WRONG in answer.content.decode()
    assert not is_signed_in(web)
    [entry] = entries(acme)
    assert (entry.event, entry.outcome) == ("users.sign_in_failed", "failure")
    assert entry.parameters == {"method": "password", "reason": "wrong password"}
    assert b"horse" not in bytes(entry.body)


def test_an_unknown_address_gets_the_same_words_and_stays_out_of_every_log(
    web: Client, ana: Person, acme: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    unknown = sign_in(web, "nobody@acme.example", "correct horse battery")
    known = sign_in(web, ana.email, "correct horse battery")

    assert unknown.status_code == known.status_code
    assert WRONG in unknown.content.decode()
    assert [entry.done_by for entry in entries(acme)] == [ana.email]
    assert "nobody@acme.example" in caplog.text
    assert "horse" not in caplog.text


def test_an_unknown_address_takes_about_as_long_as_a_wrong_password(web: Client, ana: Person) -> None:
    def seconds(email: str) -> float:
        cache.clear()
        begin = perf_counter()
        sign_in(web, email, "correct horse battery")
        return perf_counter() - begin

    seconds(ana.email)
    known, unknown = [], []
    for _ in range(7):
        known.append(seconds(ana.email))
        unknown.append(seconds("nobody@acme.example"))

    assert 0.5 < median(unknown) / median(known) < 2


def test_a_deactivated_person_cannot_sign_in_and_it_is_recorded(
    web: Client, ana: Person, acme: Tenant
) -> None:
    Person.objects.filter(pk=ana.pk).update(is_active=False)

    answer = sign_in(web, ana.email)

    assert answer.headers["Location"] == "/accounts/inactive/"
    assert web.get("/accounts/inactive/").status_code == 200
    assert not is_signed_in(web)
    assert entries(acme)[0].parameters["reason"] == "deactivated"


def test_the_session_of_a_deactivated_person_ends_with_the_next_request(web: Client, ana: Person) -> None:
    sign_in(web, ana.email)
    assert web.get("/accounts/login/").status_code == 302

    Person.objects.filter(pk=ana.pk).update(is_active=False)

    assert web.get("/accounts/login/").status_code == 200


def test_a_changed_password_ends_the_sessions_that_the_old_one_opened(web: Client, ana: Person) -> None:
    sign_in(web, ana.email)

    ana.set_password("another long secret")
    ana.save()

    assert web.get("/accounts/login/").status_code == 200


@pytest.fixture
def full_disk(db: None) -> None:  # noqa: ARG001 - opens the database
    """No entry can be written; the trigger goes with the test's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = 'disk_full'; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER full_disk BEFORE INSERT ON audit_auditentry FOR EACH ROW EXECUTE FUNCTION full_disk()"
        )


@pytest.mark.usefixtures("acme", "full_disk")
def test_where_the_entry_cannot_be_written_nobody_is_signed_in(ana: Person, rf: RequestFactory) -> None:
    request = rf.post("/accounts/login/")
    request.session = SessionStore()

    with pytest.raises(OperationalError):
        AccountAdapter().login(request, ana)
    request.session.save()  # as the middleware does at the end of every request, but for a 500

    assert not request.user.is_authenticated
    assert "_auth_user_id" not in SessionStore(request.session.session_key)


@pytest.mark.usefixtures("full_disk")
def test_where_the_entry_cannot_be_written_nobody_is_signed_out_unseen(web: Client, ana: Person) -> None:
    web.force_login(ana)

    with pytest.raises(OperationalError):
        AccountAdapter().logout(web.get("/accounts/logout/").wsgi_request)

    assert is_signed_in(web)


def test_signing_in_gives_the_session_a_new_id(web: Client, ana: Person) -> None:
    session = web.session
    session["kept"] = 1
    session.save()
    before = session.session_key

    sign_in(web, ana.email)

    assert web.session.session_key != before


def test_a_session_ends_after_twelve_hours(web: Client, ana: Person) -> None:
    sign_in(web, ana.email)

    assert web.session.get_expiry_date() <= datetime.now(UTC) + timedelta(hours=12)


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "https:evil.example"]
)
def test_next_leads_only_to_places_of_this_site(web: Client, ana: Person, elsewhere: str) -> None:
    answer = sign_in(web, ana.email, next=elsewhere)

    assert answer.headers["Location"] == "/audit-log/"


def test_next_leads_on_to_where_the_person_wanted_to_go(web: Client, ana: Person) -> None:
    answer = sign_in(web, ana.email, next="/t/acme/audit-log/settings/")

    assert answer.headers["Location"] == "/t/acme/audit-log/settings/"


def test_the_sixth_wrong_password_is_not_even_looked_at(web: Client, ana: Person, acme: Tenant) -> None:
    for _ in range(5):
        sign_in(web, ana.email, "correct horse battery")

    answer = sign_in(web, ana.email)

    assert "Too many failed tries" in answer.content.decode()
    assert not is_signed_in(web)
    assert len(entries(acme)) == 5


@pytest.mark.django_db
def test_nobody_signs_up_by_themselves(web: Client) -> None:
    answer = web.get("/accounts/signup/")

    assert answer.status_code == 200
    assert b"password1" not in answer.content
    web.post("/accounts/signup/", {"email": "eve@evil.example", "password1": PASSWORD})
    assert not Person.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "page", ["email/", "confirm-email/", "password/reset/", "password/set/", "login/code/"]
)
def test_account_pages_that_are_not_offered_do_not_exist(web: Client, page: str) -> None:
    assert web.get(f"/accounts/{page}").status_code == 404


@pytest.mark.django_db
def test_a_person_of_no_tenant_signs_in_without_an_entry(web: Client) -> None:
    Person.objects.create_superuser("staff@platform.example", PASSWORD)

    sign_in(web, "staff@platform.example")

    assert is_signed_in(web)
    assert not AuditEntry.objects.exists()


def test_a_network_that_tries_too_often_is_asked_to_wait(web: Client, ana: Person) -> None:
    for number in range(30):
        web.post("/accounts/login/", {"login": f"nobody{number}@acme.example"})

    answer = sign_in(web, ana.email)

    assert answer.status_code == 429
    assert b"Wait a minute" in answer.content
    assert sign_in(Client(REMOTE_ADDR="203.0.113.8"), ana.email).status_code == 302
