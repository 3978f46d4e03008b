from __future__ import annotations

from auditsite.demo.intake.acknowledgements import Acknowledgements, is_channel


def test_ids_count_from_zero_in_each_channel() -> None:
    acks = Acknowledgements()

    assert [acks.issue("a"), acks.issue("a"), acks.issue("b")] == [0, 1, 0]


def test_an_id_is_in_flight_until_its_delay_has_passed() -> None:
    acks = Acknowledgements()
    acks.issue("a")

    assert acks.confirmed("a", [0], delay=60) == {"0": False}
    assert acks.confirmed("a", [0], delay=0) == {"0": True}


def test_a_channel_is_a_guid() -> None:
    assert is_channel("2a4c7e1c-6d5b-4f7e-9f8e-0a1b2c3d4e5f")
    assert not is_channel("channel-1")
