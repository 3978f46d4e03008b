"""GET /catalog: what can be recorded, for programs."""

from __future__ import annotations

from audit.catalog.lookup import CATALOG
from tests.audit.api.caller import Caller, answered


def test_the_vocabulary_is_told_as_it_is(platform: Caller) -> None:
    areas = answered(platform.get("/api/v1/catalog"))["areas"]

    told = {event["code"]: event for area in areas for event in area["events"]}
    assert list(told) == [event.code for event in CATALOG.events()]
    assert [area["label"] for area in areas][:2] == ["Approval management", "Cases"]
    assert told["cases.case_shared"]["category"] == "User actions"
    assert told["users.sign_in_failed"]["extension"] is True
    assert told["users.api_key_created"] == {
        "code": "users.api_key_created",
        "label": "API key created",
        "category": "User actions",
        "parameters": ["key_name", "key_prefix", "expires_at"],
        "description": "Someone made an API key.",
        "extension": False,
    }
