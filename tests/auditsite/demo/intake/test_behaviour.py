from __future__ import annotations

import pytest

from auditsite.demo.intake import (
    ELASTICSEARCH,
    EVERY,
    HTTP_BEARER,
    KINDS,
    SPLUNK_HEC,
    Behaviour,
    busy,
    html_page,
    redirect,
    throttled,
)
from auditsite.demo.intake.behaviour import NORMAL, Script
from tests.auditsite.demo.intake.sender import Sender, body_of

ONE, TWO, STANDING = Behaviour(status=501), Behaviour(status=502), Behaviour(status=503)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [301, 401, 403, 404, 413, 429, 503])
def test_a_fixed_answer_takes_nothing(sender: Sender, kind: str, status: int) -> None:
    behaviour = Behaviour(status=status, body="no", headers={"Retry-After": "7"})
    sender.intake.behave(kind, behaviour, times=1)

    bad = sender.send(kind, body_of(kind, 1))
    good = sender.send(kind, body_of(kind, 1))

    assert (bad.status_code, bad.text, bad.headers["Retry-After"]) == (status, "no", "7")
    assert good.status_code == 200
    assert [arrival.number for arrival in sender.intake.received(kind)] == [1]
    assert sender.intake.duplicates(kind) == []


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_may_lie_about_what_was_taken(sender: Sender, kind: str) -> None:
    sender.intake.behave(kind, Behaviour(status=504, take=True), times=1)

    assert sender.send(kind, body_of(kind, 1)).status_code == 504
    sender.send(kind, body_of(kind, 1))

    assert len(sender.intake.received(kind)) == 1
    assert sender.intake.duplicates(kind) == ["id-1"]


def test_the_usual_misbehaviours_have_names(sender: Sender) -> None:
    for behaviour in (
        throttled(5),
        busy("Wed, 25 Nov 2026 07:28:00 GMT"),
        busy(),
        redirect("https://x.example/"),
    ):
        sender.intake.behave(EVERY, behaviour, times=1)
    sender.intake.behave(EVERY, html_page("Splunk"))

    answers = [sender.send(HTTP_BEARER, "[]") for _ in range(5)]

    assert [answer.status_code for answer in answers] == [429, 503, 503, 302, 200]
    assert answers[0].headers["Retry-After"] == "5"
    assert answers[1].headers["Retry-After"].endswith("GMT")
    assert "Retry-After" not in answers[2].headers
    assert answers[3].headers["Location"] == "https://x.example/"
    assert answers[4].headers["Content-Type"].startswith("text/html")


def test_queued_ones_come_in_order_before_the_standing_one() -> None:
    script = Script()
    script.add(SPLUNK_HEC, STANDING, None)
    script.add(SPLUNK_HEC, ONE, 2)
    script.add(SPLUNK_HEC, TWO, 1)

    chosen = [script.next_for(SPLUNK_HEC, "/") for _ in range(5)]

    assert chosen == [ONE, ONE, TWO, STANDING, STANDING]
    assert script.next_for(ELASTICSEARCH, "/") is NORMAL


def test_a_kinds_own_comes_before_the_one_for_all() -> None:
    script = Script()
    script.add(EVERY, STANDING, None)
    script.add(SPLUNK_HEC, TWO, None)
    script.add(EVERY, ONE, 1)

    assert [script.next_for(SPLUNK_HEC, "/") for _ in range(2)] == [ONE, TWO]
    assert script.next_for(ELASTICSEARCH, "/") == STANDING


def test_a_path_keeps_it_for_the_requests_that_are_meant() -> None:
    script = Script()
    only_bulk = Behaviour(status=503, path="/_bulk")
    script.add(ELASTICSEARCH, only_bulk, 1)
    script.add(ELASTICSEARCH, ONE, 1)

    assert script.next_for(ELASTICSEARCH, "/_security/_authenticate") == ONE
    assert script.next_for(ELASTICSEARCH, "/_security/_authenticate") is NORMAL
    assert script.next_for(ELASTICSEARCH, "/a/_bulk") == only_bulk
    assert script.next_for(ELASTICSEARCH, "/a/_bulk") is NORMAL


def test_a_standing_one_keeps_to_its_path_too() -> None:
    script = Script()
    script.add(EVERY, Behaviour(status=503, path="/_bulk"), None)

    assert script.next_for(ELASTICSEARCH, "/") is NORMAL


def test_healing_ends_all_of_them() -> None:
    script = Script()
    script.add(EVERY, STANDING, None)
    script.add(SPLUNK_HEC, ONE, 3)

    script.clear()

    assert script.next_for(SPLUNK_HEC, "/") is NORMAL


@pytest.mark.parametrize(("kind", "times"), [("kafka", None), (SPLUNK_HEC, 0)])
def test_an_order_that_makes_no_sense_is_refused(kind: str, times: int | None) -> None:
    with pytest.raises(ValueError, match=r"kind|times"):
        Script().add(kind, ONE, times)
