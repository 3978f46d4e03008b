from __future__ import annotations

from collections.abc import Iterator

import pytest

from auditsite.demo.intake import Intake
from tests.auditsite.demo.intake.sender import Sender


@pytest.fixture
def sender(intake: Intake) -> Iterator[Sender]:
    with Sender(intake) as sender:
        yield sender
