from __future__ import annotations

from email.message import Message

import pytest
import requests

from auditsite.demo.intake import ELASTICSEARCH, EVERY, HTTP_BEARER, KINDS, SPLUNK_HEC, Behaviour
from auditsite.demo.intake.behaviour import Script
from auditsite.demo.intake.control import Control
from auditsite.demo.intake.exchange import Request
from auditsite.demo.intake.ledger import Ledger
from tests.auditsite.demo.intake.sender import Sender, body_of, entry
from tests.auditsite.demo.intake.test_ledger import NOW


@pytest.mark.parametrize("kind", KINDS)
def test_another_process_orders_misbehaviour_and_healing(sender: Sender, kind: str) -> None:
    order = {"kind": EVERY, "behaviour": {"status": 503, "headers": {"Retry-After": "1"}}}
    assert sender.control("POST", "behave", order).json() == {"ok": True}
    assert sender.send(kind, body_of(kind, 1)).status_code == 503

    assert sender.control("POST", "heal", {}).json() == {"ok": True}

    assert sender.send(kind, body_of(kind, 1)).status_code == 200


def test_every_part_of_a_behaviour_can_be_ordered(sender: Sender) -> None:
    refusal = {
        "ids": ["id-1"],
        "positions": [5],
        "containing": "x",
        "status": 429,
        "type": "t",
        "reason": "r",
    }
    behaviour = {"refusals": [refusal], "delay": 0.01, "drip": 0, "connection": None, "path": "_bulk"}
    order = {"kind": ELASTICSEARCH, "behaviour": behaviour, "times": 1}

    assert sender.control("POST", "behave", order).status_code == 200

    answers = [sender.send(ELASTICSEARCH, body_of(ELASTICSEARCH, 1)).json()["errors"] for _ in range(2)]
    assert answers == [True, False]


def test_what_arrived_is_read_in_pages(sender: Sender) -> None:
    sender.send(SPLUNK_HEC, body_of(SPLUNK_HEC, 1, 2, 3))

    first = sender.control("GET", f"received?kind={SPLUNK_HEC}&limit=2").json()
    second = sender.control("GET", f"received?kind={SPLUNK_HEC}&since={first['next']}&brief=1").json()
    last = sender.control("GET", f"received?kind={SPLUNK_HEC}&since={second['next']}").json()

    assert [each["entry"] for each in first["received"]] == [entry(1), entry(2)]
    assert [(each["number"], each["id"], each["sequence"]) for each in second["received"]] == [(3, "id-3", 3)]
    assert "entry" not in second["received"][0]
    assert last == {"received": [], "next": 3}


def test_counts_and_duplicates_and_tests_are_told_and_forgotten(sender: Sender) -> None:
    for _ in range(2):
        sender.send(HTTP_BEARER, body_of(HTTP_BEARER, 7))
    sender.send(HTTP_BEARER, '{"a": 1}', headers={"X-Audit-Event-Type": "test"})

    counts = sender.control("GET", "counts").json()
    duplicates = sender.control("GET", f"duplicates?kind={HTTP_BEARER}").json()
    tests = sender.control("GET", f"tests?kind={HTTP_BEARER}").json()
    sender.control("POST", "forget", {})

    assert counts[HTTP_BEARER] == {
        "received": 1, "duplicates": 1, "tests": 1, "requests": 3, "jumps": 0, "last_sequence": 7,
    }  # fmt: skip
    assert duplicates == {"duplicates": ["id-7"]}
    assert tests == {"tests": [{"a": 1}]}
    assert sender.control("GET", "counts").json()[HTTP_BEARER]["received"] == 0


def test_requests_are_shown_without_their_secret(sender: Sender) -> None:
    sender.send(SPLUNK_HEC, body_of(SPLUNK_HEC, 1))
    sender.send(HTTP_BEARER, body_of(HTTP_BEARER, 1))

    seen = sender.control("GET", f"requests?kind={SPLUNK_HEC}").json()["requests"]

    assert [(each["method"], each["path"], each["status"]) for each in seen] == [
        ("POST", "/services/collector/event", 200)
    ]
    assert seen[0]["headers"]["Authorization"] == "…"
    assert seen[0]["body_size"] == len(body_of(SPLUNK_HEC, 1))
    assert len(sender.control("GET", "requests").json()["requests"]) == 2


@pytest.mark.parametrize(
    ("order", "hint"),
    [
        ({"kind": "kafka", "behaviour": {}}, "one of splunk_hec"),
        ({"kind": EVERY, "behaviour": {}, "times": 0}, "times is 1 or more"),
        ({"kind": EVERY, "behaviour": {"statuz": 5}}, "statuz"),
        ({"kind": EVERY, "behaviour": {"connection": "melt"}}, "melt"),
        ({"kind": EVERY}, "behaviour"),
        ([], "object"),
    ],
)
def test_an_order_that_can_not_be_read_says_why(sender: Sender, order: object, hint: str) -> None:
    response = sender.control("POST", "behave", order)

    assert response.status_code == 400
    assert hint in response.json()["error"]


@pytest.mark.parametrize(
    "query", ["", "?kind=kafka", "?kind=splunk_hec&since=x", "?kind=splunk_hec&limit=-1"]
)
def test_a_question_that_can_not_be_read_is_refused(sender: Sender, query: str) -> None:
    assert sender.control("GET", f"received{query}").status_code == 400


def test_another_name_is_answered_with_what_there_is(sender: Sender) -> None:
    response = sender.control("GET", "nothing")

    assert response.status_code == 404
    assert "POST /_control/behave" in response.json()["error"]


def test_the_control_is_never_disturbed_nor_counted(sender: Sender) -> None:
    sender.intake.behave(EVERY, Behaviour(connection="close_after_reading"))

    assert sender.control("GET", "counts").status_code == 200
    assert sender.intake.requests == []


def test_a_web_pages_form_can_not_order(sender: Sender) -> None:
    response = requests.post(
        f"{sender.intake.base_url}/_control/forget", data="x", verify=str(sender.intake.ca_file), timeout=5
    )

    assert response.status_code == 415


def test_another_machine_can_not_order() -> None:
    control = Control(ledger=Ledger(keep=None), script=Script(), change=lambda _what, _values: None)
    request = Request(
        method="GET", path="/_control/counts", query={}, headers=Message(), at=NOW, peer="192.0.2.7"
    )

    assert control.answer(request).status == 403


def test_rules_and_tokens_are_changed_while_it_runs(sender: Sender) -> None:
    old = sender.intake.token(SPLUNK_HEC)

    assert sender.control("POST", "tokens", {"splunk_hec": "new"}).json() == {"ok": True}
    assert sender.control("POST", "rules", {"hec_acknowledge": True, "hec_indexes": ["siem"]}).json() == {
        "ok": True
    }

    assert sender.send(SPLUNK_HEC, body_of(SPLUNK_HEC, 1), token=old).json()["code"] == 4
    assert sender.send(SPLUNK_HEC, body_of(SPLUNK_HEC, 1), token="new").json()["code"] == 10
    assert sender.send(HTTP_BEARER, body_of(HTTP_BEARER, 1)).status_code == 200


@pytest.mark.parametrize(
    ("what", "changes", "named"),
    [
        ("rules", {"gzipp": False}, "gzipp"),
        ("rules", {"gzip": "no"}, "gzip"),
        ("tokens", {"splunk": "new"}, "splunk"),
        ("tokens", {"splunk_hec": 5}, "splunk_hec"),
    ],
)
def test_a_change_that_cannot_be_made_changes_nothing_and_is_named(
    sender: Sender, what: str, changes: dict[str, object], named: str
) -> None:
    before = (sender.intake.rules, sender.intake.tokens)

    answer = sender.control("POST", what, changes)

    assert (answer.status_code, named in answer.json()["error"]) == (400, True)
    assert (sender.intake.rules, sender.intake.tokens) == before
