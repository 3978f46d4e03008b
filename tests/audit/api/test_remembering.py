from __future__ import annotations

from uuid import uuid4

import pytest

from audit.api import remembering
from audit.drafts import Place
from audit.models import ApiKey


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a process begins."""
    monkeypatch.setattr(remembering, "_keys", {})
    monkeypatch.setattr(remembering, "_places", {})


def test_a_key_is_found_again_by_its_text_alone() -> None:
    key = ApiKey(name="platform")

    remembering.remember_key("alk_live_one", key)

    assert remembering.key_of("alk_live_one") is key
    assert remembering.key_of("alk_live_two") is None
    assert "alk_live_one" not in repr(remembering._keys)


def test_a_workspace_is_found_again_in_its_own_tenant_alone() -> None:
    acme, globex, soc = uuid4(), uuid4(), Place(uuid4(), "soc", "SOC")

    remembering.remember_places(acme, {"soc": soc, str(soc.id): soc})

    assert remembering.place_of(acme, "soc") is remembering.place_of(acme, str(soc.id)) is soc
    assert remembering.place_of(globex, "soc") is None


def test_what_does_not_hold_any_more_is_forgotten() -> None:
    acme, soc = uuid4(), Place(uuid4(), "soc", "SOC")
    remembering.remember_key("alk_live_one", ApiKey())
    remembering.remember_places(acme, {"soc": soc})

    remembering.forget("alk_live_one", acme, [])
    assert remembering.key_of("alk_live_one") is None
    assert remembering.place_of(acme, "soc") is soc

    remembering.forget("alk_live_one", acme, ["soc"])
    assert remembering.place_of(acme, "soc") is None


def test_memory_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembering, "MOST", 3)

    for number in range(10):
        remembering.remember_key(f"alk_live_{number}", ApiKey())

    assert len(remembering._keys) <= 3
    assert remembering.key_of("alk_live_9") is not None
