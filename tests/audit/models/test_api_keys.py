"""Keys as rows."""

from __future__ import annotations

from audit.models import ApiKey


def test_a_key_is_called_by_its_name_and_its_beginning() -> None:
    assert str(ApiKey(name="platform", prefix="zQWBuTSO")) == "platform (zQWBuTSO…)"


def test_what_a_key_opens_is_said_in_words() -> None:
    assert ApiKey(scopes=["ingest", "since removed"]).opens == ["Send entries in", "since removed"]
