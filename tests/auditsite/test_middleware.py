from __future__ import annotations

import pytest
from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from audit.keys import checksum
from audit.models import Person
from auditsite.middleware import (
    RETRY_AFTER,
    DatabaseGoneMiddleware,
    IngestRoadMiddleware,
    PrivatePagesMiddleware,
)
from tests.auditsite.no_database import no_database

__all__ = ["no_database"]


def page(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view
    return HttpResponse("ok")


@pytest.mark.usefixtures("no_database")
def test_a_producer_is_told_to_send_again(client: Client) -> None:
    key = f"alk_live_{'0' * 30}{checksum('0' * 30)}"

    answer = client.post(
        "/api/v1/entries", {}, content_type="application/json", headers={"Authorization": f"Bearer {key}"}
    )

    assert (answer.status_code, answer["Retry-After"]) == (503, RETRY_AFTER)
    assert answer["Content-Type"] == "application/problem+json"
    assert (answer.json()["status"], answer.json()["title"]) == (503, "Service unavailable")


def test_entries_come_in_past_what_pages_need_with_headers_all_the_same(client: Client) -> None:
    answer = client.post("/api/v1/entries", b"{}", content_type="application/json")

    assert answer.status_code == 401
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer["Content-Length"] == str(len(answer.content))
    assert not answer.cookies


def test_entries_for_another_host_are_refused(client: Client) -> None:
    answer = client.post(
        "/api/v1/entries", b"{}", content_type="application/json", headers={"Host": "evil.example"}
    )

    assert answer.status_code == 400


def test_the_short_way_is_the_way_of_the_api() -> None:
    assert reverse("api-v1:post_entries") == IngestRoadMiddleware.PATH


@pytest.mark.usefixtures("no_database")
@pytest.mark.parametrize("path", ["/t/acme/audit-log/", "/audit-log/", "/admin/"])
def test_a_person_gets_a_page(path: str, client: Client) -> None:
    client.cookies["auditsite_session"] = "somebody"

    answer = client.get(path)

    assert (answer.status_code, answer["Retry-After"]) == (503, RETRY_AFTER)
    assert answer["Content-Type"].startswith("text/html")
    assert "canary" not in answer.content.decode()


@pytest.mark.usefixtures("no_database")
def test_signing_in_waits_for_the_database_too(client: Client) -> None:
    answer = client.post("/accounts/login/", {"login": "ana@acme.example", "password": "x"})

    assert (answer.status_code, answer["Retry-After"]) == (503, RETRY_AFTER)


@pytest.mark.parametrize("error", [OperationalError("gone"), InterfaceError("closed")])
def test_a_lost_connection_is_503(error: Exception, rf: RequestFactory) -> None:
    answer = DatabaseGoneMiddleware(page).process_exception(rf.get("/"), error)

    assert answer is not None
    assert answer.status_code == 503


@pytest.mark.parametrize("error", [DataError("ours"), ValueError("ours")])
def test_a_fault_of_our_own_is_not_put_down_to_the_database(error: Exception, rf: RequestFactory) -> None:
    assert DatabaseGoneMiddleware(page).process_exception(rf.get("/"), error) is None


def test_pages_of_people_are_kept_by_no_cache(client: Client, ana: Person) -> None:
    client.force_login(ana)

    for path in ("/t/acme/audit-log/", "/accounts/login/", "/api/v1/entries"):
        assert "no-store" in client.get(path)["Cache-Control"]


def test_a_view_that_knows_better_keeps_its_word(rf: RequestFactory) -> None:
    def kept(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view
        return HttpResponse(headers={"Cache-Control": "max-age=60"})

    assert PrivatePagesMiddleware(kept)(rf.get("/"))["Cache-Control"] == "max-age=60"
