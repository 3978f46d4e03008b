"""Faults in what a destination answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from auditsite.demo.intake import ELASTICSEARCH, HTTP_BEARER, SPLUNK_HEC
from bench.faults.run import POISON, Fault, Scene

HTML = {
    "status": 200,
    "body": "<!doctype html><html><title>Sign in</title></html>",
    "headers": {"Content-Type": "text/html"},
}
NO_MATCH = {
    "error": {"type": "security_exception", "reason": "missing authentication credentials"},
    "status": 401,
}


def _for_some_seconds(behaviour: dict[str, Any], low: float = 6, high: float = 8) -> Callable[[Scene], None]:
    def strike(scene: Scene) -> None:
        scene.receiver.behave(behaviour)
        scene.wait(low, high)
        scene.receiver.tell("heal")

    return strike


def _next(times: int, behaviour: dict[str, Any]) -> Callable[[Scene], None]:
    def strike(scene: Scene) -> None:
        scene.receiver.behave(behaviour, times=times)
        scene.wait(3, 4)

    return strike


def busy(scene: Scene) -> None:
    """Each in its own words: Splunk's code 9, a 503, Elasticsearch's refusal of every item."""
    refused = {"status": 429, "type": "es_rejected_execution_exception", "reason": "queue is full"}
    scene.receiver.behave({"hec_code": 9}, kinds=(SPLUNK_HEC,))
    scene.receiver.behave({"status": 503}, kinds=(HTTP_BEARER,))
    scene.receiver.behave({"refusals": [refused]}, kinds=(ELASTICSEARCH,))
    scene.wait(6, 8)
    scene.receiver.tell("heal")


def items_throttled(scene: Scene) -> None:
    """Some items of a bulk request are refused for now, the others are taken; Splunk and HTTP say 503 and 429."""
    positions = sorted(scene.random.sample(range(8), 3))
    refused = {"positions": positions, "status": 429, "type": "es_rejected_execution_exception"}
    scene.receiver.behave({"refusals": [refused]}, times=5, kinds=(ELASTICSEARCH,))
    scene.receiver.behave({"hec_code": 26}, times=5, kinds=(SPLUNK_HEC,))
    scene.receiver.behave({"status": 429}, times=5, kinds=(HTTP_BEARER,))
    scene.wait(3, 4)


def poisoned(scene: Scene) -> None:
    """Stands until everything is settled; the entries are told by their words."""
    refusal = {"containing": POISON, "code": 6, "status": 400}
    scene.receiver.behave({"refusals": [refusal]})


def all_refused(scene: Scene) -> None:
    """As a wrong mapping or schema does: each entry is refused for itself, for a while."""
    scene.receiver.behave({"refusals": [{"code": 6, "status": 400}]})
    scene.wait(12, 15)
    scene.receiver.tell("heal")


def gzip_refused(scene: Scene) -> None:
    scene.receiver.tell("rules", gzip=False)
    scene.over.wait(3)


def _acks(delay: float) -> Callable[[Scene], None]:
    def strike(scene: Scene) -> None:
        scene.receiver.tell("rules", hec_acknowledge=True, hec_ack_delay=delay)
        scene.wait(6, 8)

    return strike


def ack_answers_lost(scene: Scene) -> None:
    """A true is given once: who did not hear it never will."""
    scene.receiver.tell("rules", hec_acknowledge=True, hec_ack_delay=0.5)
    scene.receiver.behave({"path": "/ack", "connection": "take_then_drop"}, times=1, kinds=(SPLUNK_HEC,))
    scene.wait(6, 8)


RETRY_AFTER = {"status": 503, "headers": {"Retry-After": "2"}}
LONG_AGO = {"status": 429, "headers": {"Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT"}}
ELSEWHERE = {"status": 302, "headers": {"Location": "https://127.0.0.2/login"}}

FAULTS = [
    Fault("503", "503 with `Retry-After: 2` for 8 s", _for_some_seconds(RETRY_AFTER)),
    Fault("429-storm", "429 with `Retry-After` as a date long gone, for 8 s",
          _for_some_seconds(LONG_AGO)),
    Fault("413", "413 to the next three requests", _next(3, {"status": 413})),
    Fault("401", "401 for 8 s", _for_some_seconds({"status": 401, "body": str(NO_MATCH)})),
    Fault("403", "403 for 8 s, as a firewall of web applications says it", _for_some_seconds({**HTML, "status": 403})),
    Fault("redirect", "302 to another host for 8 s",
          _for_some_seconds(ELSEWHERE)),
    Fault("html", "200 with a sign-in page for 8 s, nothing taken", _for_some_seconds(HTML)),
    Fault("207", "207 for 8 s, nothing taken", _for_some_seconds({"status": 207, "body": "{}"})),
    Fault("500-taken", "500 to five requests whose entries were taken", _next(5, {"status": 500, "take": True}),
          answers_lost=True),
    Fault("busy", "code 9, 503, or every item 429, for 8 s", busy),
    Fault("items-throttled", "some items 429 and the others taken, five times; code 26 and 429 for the others",
          items_throttled, unordered=True),
    Fault("take-then-drop", "five requests taken, the connection closed without an answer",
          _next(5, {"connection": "take_then_drop"}), answers_lost=True),
    Fault("half-an-answer", "five requests taken, half of the answer sent", _next(5, {"connection": "half_an_answer"}),
          answers_lost=True),
    Fault("close-before-reading", "five connections closed before the body was read",
          _next(5, {"connection": "close_before_reading"})),
    Fault("late", "two requests taken and answered after 35 s, when nobody waits any more",
          _next(2, {"delay": 35.0}), answers_lost=True),
    Fault("slow", "3 s for each of six answers", _next(6, {"delay": 3.0})),
    Fault("drip", "two answers at 20 bytes a second", _next(2, {"drip": 0.05}), answers_lost=True),
    Fault("poison", "entries that are refused for themselves: at the begin, in the middle, at the end", poisoned,
          poison=(0.4, 0.6, 0.8), unordered=True),
    Fault("poison-in-a-row", "three such entries in a row, twice", poisoned, poison=(0.5, 0.7), in_a_row=3,
          unordered=True),
    Fault("all-refused", "every entry refused for itself for 15 s", all_refused, most_aside=5,
          most_disordered=5, unordered=True),
    Fault("no-gzip", "compressed bodies answered with 415 from now on", gzip_refused),
    Fault("ack-late", "Splunk confirms each request 2 s later", _acks(2.0)),
    Fault("ack-answer-lost", "Splunk's confirmation is given and lost", ack_answers_lost, answers_lost=True,
          patience=700),
    Fault("ack-never", "Splunk confirms nothing from now on", _acks(1e9), answers_lost=True, patience=1_000),
]  # fmt: skip
