from __future__ import annotations

import pytest

from streaming.models import ConnectionTest, ProbeStatus


@pytest.mark.parametrize(
    ("status", "done"),
    [
        (ProbeStatus.WAITING, False),
        (ProbeStatus.RUNNING, False),
        (ProbeStatus.PASSED, True),
        (ProbeStatus.FAILED, True),
    ],
)
def test_a_test_is_done_when_it_passed_or_failed(status: ProbeStatus, done: bool) -> None:
    assert ConnectionTest(status=status).is_done is done


def test_its_time_is_that_of_its_phases() -> None:
    test = ConnectionTest(phases=[{"milliseconds": 12}, {"milliseconds": None}, {}, {"milliseconds": 30}])

    assert test.milliseconds == 42
    assert ConnectionTest().milliseconds == 0


def test_its_name_says_what_was_tested_and_not_with_what() -> None:
    test = ConnectionTest(destination_kind="splunk_hec", token_encrypted=b"canary")

    assert str(test) == "test of splunk_hec: waiting"
