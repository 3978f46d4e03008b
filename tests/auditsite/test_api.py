"""The API as a whole: its description, its docs page, and problems for whatever goes wrong."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.exceptions import SuspiciousOperation
from django.db import OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from audit.models import Tenant
from auditsite.api import in_problems
from tests.audit.api.caller import answered, caller, entry


@pytest.fixture
def document(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/v1/openapi.json").json()
    return found


def _references(part: Any) -> set[str]:
    if isinstance(part, dict):
        found = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return found.union(*map(_references, part.values()))
    return set().union(*map(_references, part)) if isinstance(part, list) else set()


def test_every_operation_of_the_contract_is_described(document: dict[str, Any]) -> None:
    operations = {f"{m.upper()} {path}" for path, methods in document["paths"].items() for m in methods}

    assert operations == {
        "POST /api/v1/entries",
        "GET /api/v1/entries",
        "GET /api/v1/entries/activity",
        "GET /api/v1/entries/facets",
        "GET /api/v1/entries/{entry_id}",
        "GET /api/v1/catalog",
        "GET /api/v1/streams",
        "GET /api/v1/streams/{stream_id}",
    }


def test_every_reference_in_the_description_leads_somewhere(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    assert _references(document) <= {f"#/components/schemas/{name}" for name in schemas}


def test_every_operation_names_its_key_its_answers_and_its_refusals(document: dict[str, Any]) -> None:
    assert document["components"]["securitySchemes"]["ApiKeyAuth"]["scheme"] == "bearer"
    for methods in document["paths"].values():
        for operation in methods.values():
            assert operation["security"] == [{"ApiKeyAuth": []}]
            assert {"401", "403", "503"} < operation["responses"].keys()
            for status, answer in operation["responses"].items():
                kind = "application/json" if int(status) < 400 else "application/problem+json"
                assert "schema" in answer["content"][kind]


def test_the_examples_of_the_description_are_taken(document: dict[str, Any], acme: Tenant) -> None:
    acme.workspaces.create(slug="soc", name="SOC")
    platform = caller(acme)
    forms = document["paths"]["/api/v1/entries"]["post"]["requestBody"]["content"]

    for kind, form in forms.items():
        for example in form["examples"].values():
            value = example["value"]
            body = value.encode() if isinstance(value, str) else value
            assert platform.post(body, kind=kind).status_code == 201


def test_the_parameters_of_the_description_are_understood(document: dict[str, Any], acme: Tenant) -> None:
    platform = caller(acme)
    for parameter in document["paths"]["/api/v1/entries"]["get"]["parameters"]:
        refused = platform.get(**{parameter["name"]: "="})

        assert "is no filter" not in refused.content.decode()


@pytest.mark.django_db
def test_the_docs_page_needs_no_script_and_nothing_from_elsewhere(client: Client) -> None:
    response = client.get("/api/v1/docs")

    page = response.content.decode()
    assert response.status_code == 200
    assert "POST /api/v1/entries" in page
    assert not re.search(r'(src|href)="(https?:)?//', page)
    assert "style=" not in page
    assert all("src=" in tag for tag in page.split("<script")[1:])
    assert 'href="/api/v1/openapi.json"' in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/api/", "/api/v1/", "/api/v1/nothing", "/api/v2/entries", "/api/v1/entries/"]
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_address_that_nobody_has_is_a_problem(path: str, method: str) -> None:
    client = Client(enforce_csrf_checks=True)

    response = getattr(client, method)(path)

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


def test_a_method_that_is_not_taken_is_a_problem_that_names_those_that_are(acme: Tenant) -> None:
    platform = caller(acme)

    response = platform.client.put("/api/v1/entries", headers=platform.headers)

    assert response.status_code == 405
    assert set(response["Allow"].split(", ")) == {"GET", "POST"}
    assert answered(response)["title"] == "Method Not Allowed"


def test_no_csrf_token_is_asked_of_a_service(acme: Tenant) -> None:
    platform = caller(acme)
    platform.client = Client(enforce_csrf_checks=True)

    assert platform.post(entry()).status_code == 201


def test_no_session_is_opened(acme: Tenant) -> None:
    response = caller(acme).get()

    assert not response.cookies


@pytest.mark.parametrize(
    ("failure", "status"),
    [(ZeroDivisionError("secret"), 500), (Http404("secret"), 404), (SuspiciousOperation("too many"), 400)],
)
def test_a_failure_is_a_problem_without_internals(
    rf: RequestFactory, failure: Exception, status: int
) -> None:
    def broken(_: HttpRequest) -> HttpResponse:
        raise failure

    response = in_problems(broken)(rf.get("/api/v1/x"))

    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert b"secret" not in response.content


def test_a_stream_that_is_not_there_is_a_404_problem(acme: Tenant) -> None:
    platform = caller(acme)

    assert platform.get("/api/v1/streams/7").status_code == 404
    assert platform.get("/api/v1/streams").status_code == 200


@pytest.mark.usefixtures("committing_db")
def test_a_database_that_is_away_is_a_503_problem_and_found_again_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    platform = caller(Tenant.objects.create(slug="acme", name="Acme"))
    with monkeypatch.context() as patch:
        patch.setitem(connection.settings_dict, "HOST", "/nowhere")
        connection.close()
        away = platform.post(entry())

    assert (away.status_code, away["Retry-After"]) == (503, "5")
    assert platform.post(entry()).status_code == 201


@pytest.mark.usefixtures("committing_db")
def test_a_connection_that_the_database_ended_meanwhile_is_made_anew_without_an_error() -> None:
    platform = caller(Tenant.objects.create(slug="acme", name="Acme"))
    with connection.cursor() as cursor, pytest.raises(OperationalError):
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    assert platform.post(entry()).status_code == 201
