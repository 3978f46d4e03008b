from __future__ import annotations

from streaming.models import DeliveryAttempt


def test_an_attempt_is_called_by_its_outcome_and_entries() -> None:
    assert str(DeliveryAttempt(outcome="retry", first_sequence=3, last_sequence=9)) == "retry 3–9"
