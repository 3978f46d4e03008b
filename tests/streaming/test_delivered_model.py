"""Whatever happens to a stream in whatever order: what an entry's page says of its delivery is true (`life.py`)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from audit import queries
from auditsite.demo.intake import Intake
from streaming import delivered
from streaming.models import Resolution, SetAside
from streaming.telling import DELIVERED
from tests.streaming.life import StreamLife

LIVES = 20
GUESSED = "as it stands today"


class ToldLife(StreamLife):
    """The same lives; at the end of each, before and after all has arrived, every entry is asked about."""

    told = 0

    def _all_arrives_in_the_end(self) -> None:
        self.what_is_told_is_true()
        super()._all_arrives_in_the_end()
        self.what_is_told_is_true()

    def what_is_told_is_true(self) -> None:
        arrived, rows = set(self.arrived), SetAside.objects.filter(stream=self.stream)
        apart = set(rows.filter(resolution="").values_list("sequence", flat=True))
        given_up = set(rows.filter(resolution=Resolution.DISMISSED).values_list("sequence", flat=True))
        for entry in delivered.asked(queries.readable(self.tenant)):
            (one,) = delivered.told(entry, tenant=self.tenant)
            number, guessed = entry.sequence, GUESSED in one.words
            type(self).told += one.state == DELIVERED and not guessed
            assert number in arrived or one.state != DELIVERED or guessed, (number, one)
            assert (one.state == "Set aside") is (number in apart), (number, one)
            assert (one.state == "Not sent") is (number in given_up), (number, one)
            assert number in self.left_out or one.state != "Left out", (number, one)
            assert number > self.place or one.state not in {"Waiting", "Trying again", "Sent"}, (number, one)
            if not self.passed and not self.filtered and number <= self.place:
                assert one.state in {DELIVERED, "Set aside", "Not sent", "Left out", "Passed"}, (number, one)


@pytest.fixture
def life(db: None, loopback: Intake) -> Iterator[type[ToldLife]]:  # noqa: ARG001 - opens the database
    ToldLife.intake = loopback
    yield ToldLife
    del ToldLife.intake


@pytest.mark.slow
def test_whatever_happens_what_is_told_of_each_entry_is_true(life: type[ToldLife]) -> None:
    run_state_machine_as_test(
        life,
        settings=settings(
            max_examples=LIVES,
            stateful_step_count=15,
            deadline=None,
            derandomize=True,
            database=None,
            print_blob=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )

    assert life.told > 100
