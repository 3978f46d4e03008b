from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence

from auditsite_client.background import Background
from auditsite_client.judging import Answer, NoAnswer
from auditsite_client.queue import Queue
from auditsite_client.sending import Sender


class Road:
    def __init__(self) -> None:
        self.sent: list[int] = []
        self.broken = False
        self.open = threading.Event()
        self.open.set()

    def post(self, bodies: Sequence[bytes]) -> Answer | NoAnswer:
        self.open.wait(10)
        if self.broken:
            return NoAnswer("reset")
        self.sent += [json.loads(body) for body in bodies]
        return Answer(201, {}, json.dumps({"accepted": len(bodies), "duplicates": 0}).encode())


def background(queue: Queue, road: Road) -> Background:
    return Background(queue, Sender(queue, road.post, longest_pause=0.05))


def until_empty(queue: Queue) -> None:
    deadline = time.monotonic() + 10
    while queue.totals().entries:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_thread_starts_with_the_first_nudge_and_sends_what_follows(queue: Queue) -> None:
    road = Road()
    sending = background(queue, road)
    for number in range(3):
        queue.append(b"%d" % number)
        sending.nudge()
    until_empty(queue)

    queue.append(b"3")
    sending.nudge()
    until_empty(queue)

    assert road.sent == [0, 1, 2, 3]
    assert [thread.name for thread in threading.enumerate()].count("auditsite-sender") == 1
    sending.stop(5)


def test_two_of_one_queue_do_not_send_the_same(queue: Queue) -> None:
    road = Road()
    both = [background(queue, road) for _ in range(2)]
    road.open.clear()
    for number in range(50):
        queue.append(b"%d" % number)
        both[number % 2].nudge()
    road.open.set()
    until_empty(queue)

    assert road.sent == list(range(50))
    for sending in both:
        sending.stop(5)


def test_what_another_process_left_is_noticed_without_a_nudge(queue: Queue) -> None:
    road = Road()
    sending = background(queue, road)
    sending.nudge()
    time.sleep(0.05)

    queue.append(b"7")
    until_empty(queue)

    assert road.sent == [7]
    sending.stop(5)


def test_it_stops_in_the_middle_of_a_pause(queue: Queue) -> None:
    busy = Answer(503, {"retry-after": "60"}, b"")
    sending = Background(queue, Sender(queue, lambda _: busy, longest_pause=60))
    queue.append(b"1")
    sending.nudge()
    time.sleep(0.2)

    began = time.monotonic()
    sending.stop(5)

    assert time.monotonic() - began < 0.5
    assert queue.totals().entries == 1


def test_draining_in_the_callers_thread_ends_at_the_deadline(queue: Queue) -> None:
    road = Road()
    road.broken = True
    sending = background(queue, road)
    queue.append(b"1")

    began = time.monotonic()
    sending.drain(began + 0.2)

    assert 0.15 < time.monotonic() - began < 1
    road.broken = False
    sending.drain(time.monotonic() + 5)
    assert road.sent == [1]
