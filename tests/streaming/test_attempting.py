"""What follows from an answer: without a database, a destination or a clock."""

from __future__ import annotations

from dataclasses import replace

import pytest

from audit.models import Tenant
from streaming.attempting import ENOUGH_ALIKE, Attempt
from streaming.models import Cursor, SetAside, State, Stream
from streaming.wire.outcome import Outcome, Verdict
from tests.entries import NOON
from tests.streaming.wire.payloads import payloads

OK = Verdict(outcome=Outcome.DELIVERED, reason="", code="ok", delivered=3)
BUSY = Verdict(outcome=Outcome.RETRY, reason="Busy.", code="http_503")
TOO_LARGE = Verdict(outcome=Outcome.SPLIT, reason="Too large.", code="http_413")
REFUSED = Verdict(outcome=Outcome.REJECTED, reason="No such field.", code="http_400")
SETTINGS = Verdict(outcome=Outcome.HELD_FOR_SETTINGS, reason="No such index.", code="hec_7")
TOKEN = Verdict(outcome=Outcome.HELD_FOR_CREDENTIALS, reason="Token.", code="http_401")


def attempt(verdict: Verdict, *, size: int = 3, again: bool = False, **cursor: object) -> Attempt:
    """Entries 1 to `size`, sent from place 0 on."""
    stream = Stream(tenant=Tenant(slug="acme"))
    stream.cursor = Cursor(stream=stream, **cursor)
    row = SetAside(stream=stream, sequence=1) if again else None
    return Attempt(stream, payloads(size), verdict, at=NOON, again=row)


@pytest.mark.parametrize(
    ("tried", "state", "at_once"),
    [
        (attempt(OK), State.HEALTHY, False),
        (attempt(OK, state=State.HELD_FOR_SETTINGS), State.HEALTHY, False),
        (attempt(BUSY), State.RETRYING, False),
        (attempt(BUSY, state=State.HELD_FOR_CREDENTIALS), State.HELD_FOR_CREDENTIALS, False),
        (attempt(replace(BUSY, hold_after=2), failures=1), State.HELD_FOR_SETTINGS, False),
        (attempt(replace(BUSY, go_plain=True)), State.HEALTHY, True),
        (attempt(TOO_LARGE), State.HEALTHY, True),
        (attempt(REFUSED), State.HEALTHY, True),
        (attempt(REFUSED, state=State.RETRYING), State.RETRYING, True),
        (attempt(REFUSED, size=1), State.HEALTHY, True),
        (attempt(REFUSED, size=1, window_end=1, state=State.RETRYING), State.HEALTHY, True),
        (attempt(REFUSED, size=1, window_end=1, alike_refusals=ENOUGH_ALIKE), State.HELD_FOR_SETTINGS, False),
        (attempt(REFUSED, size=1, again=True), State.HEALTHY, True),
        (attempt(REFUSED, size=1, again=True, alike_refusals=9), State.HELD_FOR_SETTINGS, False),
        (attempt(SETTINGS), State.HELD_FOR_SETTINGS, False),
        (attempt(TOKEN), State.HELD_FOR_CREDENTIALS, False),
    ],
)
def test_each_answer_leads_to_a_state_and_to_a_wait_or_none(
    tried: Attempt, state: State, at_once: bool
) -> None:
    assert (tried.state, tried.at_once) == (state, at_once)


def test_where_the_refused_entry_is_looked_for() -> None:
    assert attempt(REFUSED).suspect == 3
    assert attempt(replace(REFUSED, rejected=1, delivered=1)).suspect == 2
    assert attempt(REFUSED, size=1).suspect == 1
    assert attempt(REFUSED, size=1, window_end=1).suspect is None
    assert attempt(replace(TOO_LARGE), size=1).suspect == 1
    assert attempt(TOO_LARGE).suspect is None
    assert attempt(REFUSED, size=1, again=True).suspect is None


def test_the_place_that_is_reached() -> None:
    assert attempt(OK).reached == 3
    assert replace(attempt(OK), through=8).reached == 8
    assert attempt(replace(BUSY, delivered=2)).reached == 2
    assert replace(attempt(replace(BUSY, delivered=2)), through=8).reached == 2
    assert attempt(BUSY).reached == 0
    assert attempt(REFUSED, size=1, window_end=1).reached == 1
    assert attempt(replace(OK, delivered=1), size=1, again=True).reached == 0


def test_the_words_name_what_was_refused() -> None:
    assert attempt(BUSY).words == "Busy."
    assert attempt(REFUSED).words == "No such field."
    assert attempt(REFUSED, size=1, window_end=1).words == "Entry 1 was refused: No such field."
    everything = replace(attempt(REFUSED, size=1, window_end=1), everything=True)
    assert everything.words == "The destination refuses everything: No such field."
    gone = replace(attempt(REFUSED, size=1, again=True), batch=())
    assert gone.words == "Entry 1 was refused: No such field."
