from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from audit.catalog.kinds import Event
from audit.catalog.lookup import CATALOG
from audit.sentences import LONGEST_VALUE, Said, derived, sentence, text_of, told

# Code, what is said of what succeeded, and of what failed; one line an event of the vocabulary.
SENTENCES = Path(__file__).parents[1] / "cases" / "sentences.tsv"
UNFINISHED = (" of", " to", " in", " with", " by", " as", ":", ",", "(")
VALUES: dict[str, Any] = {
    "workflow_name": "Triage", "version": "7", "table_name": "Assets", "field_name": "severity", "field_type": "text",
    "row_count": 1_234, "case_id": "C-7", "case_name": "Lost laptop", "format": "PDF", "changes": "owner",
    "shared_with": ["lee@acme.example", "kim@acme.example"], "approvers": ["bo@acme.example"], "reason": "not needed",
    "request_name": "Open port 8443", "requested_by": "bo@acme.example", "connection_name": "Okta prod",
    "integration": "Okta", "dashboard_name": "SOC overview", "variable_name": "MAX_RETRIES",
    "runner_group": "eu-central", "previous_default": "lab", "app_name": "Order a laptop", "filters": {"by": ["x"]},
    "runner": "eu-1", "previous_runner": "us-1", "enabled": True, "schedule": "daily",
    "group_name": "Analysts", "role": "Auditor",
    "previous_name": "Old name", "role_name": "Builder", "service_account": "deploy-bot", "groups_removed": [],
    "groups_added": ["Night", "Day"], "previous_role": "Viewer", "username": "lee@acme.example", "method": "password",
    "key_name": "ci", "key_prefix": "Ab1", "expires_at": "2027-01-01", "pack_name": "AWS", "workspace_name": "Sandbox",
    "stream_name": "SIEM", "destination_type": "splunk_hec", "url": "https://splunk.acme.example", "changed": ["url"],
    "delivered": 9, "waiting": 3, "set_aside": 1, "result": "passed", "failed_phase": "", "held_since": "2026-11-20",
    "from_sequence": 1_000, "to_sequence": 2_000, "entries": 1_001, "days": 400, "previous_days": 365,
    "first_sequence": 1,    "last_sequence": 9, "from": "2025-01-01", "to": "2025-02-01", "page": "entry 41",
}  # fmt: skip


def said(event: str, parameters: dict[str, Any] | None = None, **other: str) -> str:
    """The sentence about Ana in SOC; `other` as in Said."""
    action = (
        CATALOG.event(event).label if event in {e.code for e in CATALOG.events()} else "Workflow archived"
    )
    words = {
        "action": action,
        "actor": "Ana Ruiz",
        "actor_type": "user",
        "workspace": "SOC",
        "outcome": "success",
    }
    return text_of(sentence(Said(event=event, parameters=parameters or {}, **{**words, **other})))


def line_of(event: Event) -> str:
    parameters = {key: VALUES[key] for key in event.parameters}
    return "\t".join(
        [event.code, *(said(event.code, parameters, outcome=outcome) for outcome in ("success", "failure"))]
    )


def test_the_whole_vocabulary_is_told_in_sentences_that_were_read() -> None:
    lines = "\n".join(line_of(event) for event in CATALOG.events()) + "\n"

    assert lines == SENTENCES.read_text(encoding="utf-8")


@pytest.mark.parametrize("event", CATALOG.events(), ids=lambda event: event.code)
def test_an_event_without_its_parameters_is_still_told(event: Event) -> None:
    for parameters in ({}, dict.fromkeys(event.parameters), dict.fromkeys(event.parameters, "")):
        text = said(event.code, parameters, workspace="")

        assert text.startswith("Ana Ruiz ")
        assert not set("{}[]|") & set(text)
        assert text == " ".join(text.split())
        assert not text.removesuffix("sign in").removesuffix("signed in").endswith(UNFINISHED)


def test_who_did_it_is_told_as_what_they_are() -> None:
    event = "tables.table_created"

    assert said(event, {"table_name": "Assets"}, actor="kiln-bot", actor_type="service_account").startswith(
        "Service account kiln-bot created table Assets"
    )
    assert said(event, actor="Scheduler", actor_type="system") == "Scheduler created a table in SOC"


def test_what_failed_was_only_tried_and_what_is_unknown_is_said_to_be() -> None:
    event, parameters = "workflows.workflow_published", {"workflow_name": "Triage"}

    failed = said(event, parameters, outcome="failure")
    unknown = said(event, parameters, outcome="unknown")

    assert failed == "Ana Ruiz tried to publish workflow Triage in SOC, but it failed"
    assert unknown == "Ana Ruiz published workflow Triage in SOC; whether it succeeded is not known"


def test_an_event_that_has_left_the_vocabulary_is_told_from_its_own_label_and_parameters() -> None:
    text = said("workflows.workflow_archived", {"workflow_name": "Triage", "odd {key}": "x", "n": 1})

    assert text == "Ana Ruiz archived workflow Triage in SOC"


def test_a_label_that_does_not_say_what_was_done_is_told_as_it_is() -> None:
    parameters = {"username": "lee@acme.example"}

    fine, failed = (
        text_of(
            sentence(
                Said("gone.reset", "Password reset [v2]", parameters, "Ana Ruiz", "user", "", outcome=outcome)
            )
        )
        for outcome in ("success", "failure")
    )

    assert fine == "Password reset [v2] by Ana Ruiz: lee@acme.example"
    assert failed == "Password reset [v2] by Ana Ruiz: lee@acme.example, and failed"


def test_values_are_marked_as_the_entrys_words_and_ours_are_not() -> None:
    parameters = {"workflow_name": "in SOC, but it failed"}

    parts = sentence(
        Said(
            "workflows.workflow_published", "Workflow published", parameters, "Ana", "user", "SOC", "success"
        )
    )

    assert [(part.text, part.value) for part in parts] == [
        ("Ana", True), (" published workflow ", False), ("in SOC, but it failed", True), (" in ", False),
        ("SOC", True),
    ]  # fmt: skip


def test_a_value_is_told_in_short() -> None:
    assert told("x" * 10_000) == "x" * LONGEST_VALUE + "…"
    assert told(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
    assert told(["a"]) == "a"
    assert told([]) == ""
    assert (told(True), told(False), told(None), told(1_234), told(0.5)) == ("yes", "no", "", "1,234", "0.5")
    assert told({"deep": 1}) == ""
    assert told("two\n lines") == "two lines"


def test_braces_in_a_value_stay_braces() -> None:
    text = said("workflows.workflow_published", {"workflow_name": "{version}[: {reason}]", "version": "7"})

    assert text == "Ana Ruiz published workflow {version}[: {reason}] (version 7) in SOC"


def test_a_place_that_is_named_already_is_not_named_twice() -> None:
    assert said("workspace_management.workspace_created", {"workspace_name": "SOC"}) == (
        "Ana Ruiz created workspace SOC"
    )


def test_a_deployments_own_event_is_told_from_its_label() -> None:
    assert derived("Playbook imported", ("playbook_name", "format")) == (
        "imported [playbook {playbook_name}|a playbook][ as {format}]"
    )
    assert derived("Weather", ("city",)) is None
