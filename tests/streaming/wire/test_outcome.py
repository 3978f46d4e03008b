from __future__ import annotations

from streaming.wire.outcome import Outcome, Verdict


def test_only_two_outcomes_wait_for_a_person() -> None:
    held = {outcome for outcome in Outcome if outcome.is_held}

    assert held == {Outcome.HELD_FOR_CREDENTIALS, Outcome.HELD_FOR_SETTINGS}


def test_an_answer_that_stays_the_same_becomes_a_refusal_of_the_first_that_is_not_in() -> None:
    verdict = Verdict(outcome=Outcome.RETRY, reason="Again.", code="es_x", delivered=2, reject_after=10)

    assert verdict.after(9) is verdict
    assert (verdict.after(10).outcome, verdict.after(11).rejected) == (Outcome.REJECTED, 2)
    assert Verdict(outcome=Outcome.RETRY, reason="Again.", code="x").after(99).outcome is Outcome.RETRY
