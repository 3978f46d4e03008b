from __future__ import annotations

from streaming.wire.outcome import Outcome


def test_only_two_outcomes_wait_for_a_person() -> None:
    held = {outcome for outcome in Outcome if outcome.is_held}

    assert held == {Outcome.HELD_FOR_CREDENTIALS, Outcome.HELD_FOR_SETTINGS}
