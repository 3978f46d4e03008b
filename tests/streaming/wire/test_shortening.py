from __future__ import annotations

from msgspec.structs import replace

from streaming.wire.shortening import LARGEST_PARAMETERS, LONGEST_DETAILS, shortened
from tests.streaming.wire.payloads import payload


def test_who_did_what_and_when_stay_whole() -> None:
    whole = payload(details="x" * 9_000, parameters={"name": "Triage", "notes": "y" * 9_000})

    short = shortened(whole)

    kept, given = short.parsed(), whole.parsed()
    assert (short.id, short.sequence, short.occurred_at) == (whole.id, whole.sequence, whole.occurred_at)
    assert {n: v for n, v in kept.items() if n not in {"details", "parameters"}} == {
        n: v for n, v in given.items() if n not in {"details", "parameters"}
    }


def test_parameters_and_details_are_cut_and_say_so() -> None:
    whole = payload(details="x" * 9_000, parameters={"name": "Triage", "notes": "y" * 9_000})

    kept = shortened(whole).parsed()

    assert kept["details"] == "x" * LONGEST_DETAILS
    assert kept["parameters"] == {
        "name": "Triage", "_truncated": True, "_original_bytes": len(whole.body),
    }  # fmt: skip


def test_of_many_parameters_the_first_that_fit_are_kept() -> None:
    many = payload(parameters={f"p{number:03}": "v" * 100 for number in range(300)})

    kept = shortened(many)

    names = [name for name in kept.parsed()["parameters"] if name.startswith("p")]
    assert names == sorted(names)
    assert 10 < len(names) < LARGEST_PARAMETERS / 100
    assert len(kept.body) < 4_000


def test_the_bytes_are_the_same_each_time_and_marks_of_the_entrys_own_do_not_count() -> None:
    given = payload(parameters={"_truncated": "no", "b": "1", "a": "2"})

    assert shortened(given).body == shortened(replace(given)).body
    assert shortened(given).parsed()["parameters"]["_truncated"] is True
