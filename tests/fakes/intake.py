"""The demo's intake as a fixture: a real HTTPS server on loopback, with a CA of its own, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditsite.demo.intake import Intake, Rules, Tokens
from auditsite.demo.intake.tokens import new_tokens

MakeIntake = Callable[[Rules], Intake]


@pytest.fixture(scope="session")
def intake_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One CA for the whole run: a test's client may trust it once."""
    return tmp_path_factory.mktemp("intake")


@pytest.fixture(scope="session")
def intake_tokens() -> Tokens:
    return new_tokens()


@pytest.fixture
def make_intake(intake_dir: Path, intake_tokens: Tokens) -> Iterator[MakeIntake]:
    """Start an intake with rules of the test's own; each is stopped, and none may have failed by itself."""
    started: list[Intake] = []

    def make(rules: Rules) -> Intake:
        intake = Intake(data_dir=intake_dir, now=datetime.now(UTC), tokens=intake_tokens, rules=rules)
        started.append(intake)
        intake.start()
        return intake

    yield make

    for intake in started:
        intake.stop()
    assert [fault for intake in started for fault in intake.faults] == []


@pytest.fixture
def intake(make_intake: MakeIntake) -> Intake:
    """All three protocols on one free port; keeps everything."""
    return make_intake(Rules())
