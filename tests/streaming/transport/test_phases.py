from __future__ import annotations

import json
from datetime import timedelta

import pytest

from streaming.transport.phases import PHASES, PhaseResult, PhaseStatus, answered, skipped
from streaming.wire.messages import Response, TransportError
from streaming.wire.outcome import Outcome, Verdict

ANSWER = Response(status=200, elapsed=timedelta(milliseconds=61))


def verdict(outcome: Outcome, *, hold_after: int | None = None) -> Verdict:
    return Verdict(outcome=outcome, reason="It said so.", code="x", hold_after=hold_after)


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (verdict(Outcome.DELIVERED), PhaseStatus.WARN),
        (verdict(Outcome.RETRY), PhaseStatus.WARN),
        (verdict(Outcome.THROTTLED), PhaseStatus.WARN),
        (verdict(Outcome.RETRY, hold_after=3), PhaseStatus.FAIL),
        (verdict(Outcome.HELD_FOR_CREDENTIALS), PhaseStatus.FAIL),
        (verdict(Outcome.HELD_FOR_SETTINGS), PhaseStatus.FAIL),
        (verdict(Outcome.REJECTED), PhaseStatus.FAIL),
    ],
)
def test_a_busy_service_is_a_warning_and_a_wrong_one_a_failure(given: Verdict, status: PhaseStatus) -> None:
    result = answered("ingest", given, ANSWER)

    assert (result.status, result.message, result.milliseconds) == (status, "It said so.", 61)


def test_a_step_without_an_answer_tells_the_transport_error() -> None:
    error = TransportError("timeout", "It did not answer.", hint="Check the load.", detail="d")

    result = answered("ingest", verdict(Outcome.RETRY), error)

    assert (result.code, result.message, result.hint, result.detail) == (
        "timeout",
        "It did not answer.",
        "Check the load.",
        "d",
    )


def test_a_skipped_step_does_not_stop_the_test() -> None:
    assert not skipped("ingest", "Nothing to see.").stops
    assert "ingest" in PHASES


@pytest.mark.parametrize("status", list(PhaseStatus))
def test_a_result_fits_into_json(status: PhaseStatus) -> None:
    result = PhaseResult(name="tls", status=status, message="m", found={"scheme": "ApiKey"})

    assert json.loads(json.dumps(result.as_json())) == {
        "name": "tls",
        "status": str(status),
        "message": "m",
        "code": "",
        "hint": "",
        "detail": "",
        "milliseconds": None,
        "found": {"scheme": "ApiKey"},
    }
    assert result.stops == (status is PhaseStatus.FAIL)
