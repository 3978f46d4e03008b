from __future__ import annotations

import json
import logging
from collections.abc import Sequence

import pytest
from auditsite_client.judging import Answer, NoAnswer
from auditsite_client.queue import Queue
from auditsite_client.sending import Sender

from tests.clients.python.server import Entry, Reply, Server, refusal


class Road:
    """Leads straight into a server's `answer`, or nowhere while `broken`."""

    def __init__(self) -> None:
        self.server, self.broken = Server(), False

    def post(self, bodies: Sequence[bytes]) -> Answer | NoAnswer:
        if self.broken:
            return NoAnswer("reset")
        reply = self.server.answer([json.loads(body) for body in bodies])
        return Answer(reply.status, reply.headers, json.dumps(reply.document).encode())


@pytest.fixture
def road() -> Road:
    return Road()


@pytest.fixture
def sender(queue: Queue, road: Road) -> Sender:
    return Sender(queue, road.post, longest_pause=60)


def fill(queue: Queue, number: int, *, first: int = 0) -> None:
    for n in range(first, first + number):
        queue.append(json.dumps({"external_id": f"evt-{n}", "parameters": {"n": n}}).encode())


def drain(sender: Sender) -> None:
    for _ in range(200):
        if sender.send_next() is None:
            return
    pytest.fail("no end of it")


def refuse_numbers(*numbers: int, located: bool, status: int = 422) -> object:
    """A server that refuses batches with any of these numbers, naming them by place or not at all."""

    def decide(batch: list[Entry]) -> Reply | None:
        places = [i for i, entry in enumerate(batch) if entry["parameters"]["n"] in numbers]
        errors = {f"_{i}_event": "no such event" for i in places} if located else {}
        return refusal(status, "entries-refused", **errors) if places else None

    return decide


def test_a_thousand_entries_go_in_one_batch(queue: Queue, road: Road, sender: Sender) -> None:
    fill(queue, 1_500)

    drain(sender)

    assert [len(batch) for batch in road.server.requests] == [1_000, 500]
    assert road.server.numbers() == list(range(1_500))
    assert queue.totals() == (0, 0)


def test_a_batch_stays_below_four_megabytes(queue: Queue, road: Road, sender: Sender) -> None:
    for n in range(5):
        queue.append(json.dumps({"external_id": str(n), "details": "x" * 1_500_000}).encode())

    drain(sender)

    assert [len(batch) for batch in road.server.requests] == [2, 2, 1]


def test_the_road_is_tried_for_ever_and_ever_more_slowly(queue: Queue, road: Road, sender: Sender) -> None:
    fill(queue, 3)
    road.broken = True

    pauses = [sender.send_next() or 0 for _ in range(40)]

    assert all(0.25 <= pause <= 0.5 for pause in pauses[:1])
    assert all(30 <= pause <= 60 for pause in pauses[10:])
    assert len(set(pauses)) > 30
    assert (sender.state, sender.reason, queue.totals().entries) == ("retrying", "reset", 3)
    road.broken = False
    drain(sender)
    assert (sender.state, road.server.numbers()) == ("sending", [0, 1, 2])


def test_nobody_comes_before_the_server_said(queue: Queue, road: Road, sender: Sender) -> None:
    fill(queue, 1)
    road.server.decide = lambda _: Reply(429, headers={"retry-after": "120"})

    assert sender.send_next() == 120


def test_refused_entries_are_set_aside_and_the_others_arrive(
    queue: Queue, road: Road, sender: Sender
) -> None:
    fill(queue, 10)
    road.server.decide = refuse_numbers(3, 7, located=True)  # type: ignore[assignment] # decides

    drain(sender)

    assert road.server.numbers() == [0, 1, 2, 4, 5, 6, 8, 9]
    assert [(json.loads(aside.body)["parameters"]["n"], aside.reason) for aside in queue.all_set_aside()] == [
        (3, "/event no such event"),
        (7, "/event no such event"),
    ]


@pytest.mark.parametrize("status", [400, 413, 422])
@pytest.mark.parametrize("numbers", [(0,), (999,), (3, 400, 401)])
def test_what_the_server_does_not_name_is_found_by_halving(
    queue: Queue, road: Road, sender: Sender, numbers: tuple[int, ...], status: int
) -> None:
    fill(queue, 1_000)
    road.server.decide = refuse_numbers(*numbers, located=False, status=status)  # type: ignore[assignment] # decides

    drain(sender)

    aside = [json.loads(entry.body)["parameters"]["n"] for entry in queue.all_set_aside()]
    assert aside == list(numbers)
    assert sorted(road.server.numbers()) == [n for n in range(1_000) if n not in numbers]
    assert len(road.server.requests) < 70


@pytest.mark.parametrize("status", [302, 401, 403, 404, 405, 415])
def test_a_wrong_key_or_address_holds_everything_and_is_told_once(
    queue: Queue, road: Road, sender: Sender, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    fill(queue, 3)
    road.server.decide = lambda _: Reply(status, {"detail": "This key was revoked."})

    with caplog.at_level(logging.INFO):
        pauses = [sender.send_next() for _ in range(3)]
        road.server.decide = lambda _: None
        drain(sender)

    assert pauses == [30, 30, 30]
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO"]
    assert f"{status} This key was revoked." in caplog.text
    assert queue.all_set_aside() == []
    assert road.server.numbers() == [0, 1, 2]


def test_an_answer_that_got_lost_costs_nothing(queue: Queue, road: Road, sender: Sender) -> None:
    fill(queue, 5)

    def taken_but_untold(batch: list[Entry]) -> Reply:
        road.server.taken |= {entry["external_id"]: entry for entry in batch}
        road.server.decide = lambda _: None
        return Reply(502)

    road.server.decide = taken_but_untold
    assert (sender.send_next() or 0) > 0
    drain(sender)

    assert road.server.numbers() == [0, 1, 2, 3, 4]
    assert len(road.server.requests) == 2
