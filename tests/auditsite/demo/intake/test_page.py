from __future__ import annotations

import pytest

from auditsite.demo.intake import ELASTICSEARCH, HTTP_BEARER, KINDS, SPLUNK_HEC
from tests.auditsite.demo.intake.sender import Sender, body_of, bulk_body, entry, splunk_body


def test_an_empty_page_says_so_and_renews_itself(sender: Sender) -> None:
    response = sender.get("/")

    assert "Nothing has arrived yet" in response.text
    assert '<meta http-equiv="refresh" content="2">' in response.text
    assert "script-src" not in response.headers["Content-Security-Policy"]
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("kind", KINDS)
def test_what_arrived_is_shown(sender: Sender, kind: str) -> None:
    sender.send(kind, body_of(kind, *range(1, 1201)))
    sender.send(kind, body_of(kind, 1))

    page = sender.get("/").text

    assert "1,200" in page
    assert '<td class="number">1200</td>' in page
    assert '<td class="number">1175</td>' not in page
    assert "<dt>Duplicates</dt><dd>1</dd>" in page


def test_action_and_actor_are_found_in_each_form(sender: Sender) -> None:
    sender.send(SPLUNK_HEC, splunk_body(entry(1), {"event": "just a code", "actor": {"name": "Runner"}}))
    user, event = {"email": "vic@acme.example"}, {"action": "case-shared"}
    sender.send(ELASTICSEARCH, bulk_body(1, user=user, event=event))

    page = sender.get("/").text

    for shown in ("Workflow published", "ana@acme.example", "just a code", "Runner", "vic@acme.example"):
        assert f"<td>{shown}</td>" in page
    assert "<td>case-shared</td>" in page


def test_what_arrived_is_never_markup(sender: Sender) -> None:
    evil = entry(1) | {"action": "<script>alert(1)</script>", "actor": {"email": "x" * 500}}
    sender.send(HTTP_BEARER, '{"tenant": {"slug": "<b>"}, "id": "x"}')
    sender.send(SPLUNK_HEC, splunk_body(evil))

    page = sender.get("/").text

    assert "<script>" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "x" * 121 not in page


def test_the_stylesheet_is_its_own_file(sender: Sender) -> None:
    response = sender.get("/_page.css", accept="text/css")

    assert response.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "prefers-color-scheme: dark" in response.text


def test_a_shipper_that_asks_for_the_root_gets_no_page(sender: Sender) -> None:
    assert sender.get("/", accept="application/json").status_code == 401
