"""The add-on for Splunk under docs/: it covers the vocabulary, and names no field that an entry does not have."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest

from audit.catalog.kinds import Event
from audit.catalog.lookup import CATALOG
from streaming.wire.hec_envelope import SOURCETYPE
from tests.house import tree
from tests.streaming.wire.payloads import entry

FOLDER = tree.ROOT / "docs/splunk/auditsite/default"
# What the Common Information Model asks for (pytest-splunk-addon, data_models/Change.json and Authentication.json).
CHANGE = """action change_type command dest dvc object object_attrs object_category object_id src status user
    vendor_product"""
AUTHENTICATION = "action app dest src user"
OUTCOME = "outcome"


def conf(path: Path) -> configparser.ConfigParser:
    read = configparser.ConfigParser(
        interpolation=None, delimiters=("=",), comment_prefixes=("#",), strict=True
    )
    read.optionxform = str  # type: ignore[assignment,method-assign] # keys of Splunk have capitals
    read.read_string(path.read_text(encoding="utf-8").replace("\\\n", " "))
    return read


PROPS = conf(FOLDER / "props.conf")[SOURCETYPE]


def case_of(field: str, event: str) -> str:
    """What `case(match(event, …), …)` gives for an event."""
    text = PROPS[f"EVAL-{field}"]
    pairs: list[tuple[str, str]] = re.findall(
        r'(?:match\(event, "([^"]+)"\)|true\(\)),\s+("[^"]*"|\w+)', text
    )
    return next(value.strip('"') for pattern, value in pairs if not pattern or re.search(pattern, event))


@pytest.mark.parametrize("field", f"{CHANGE} {AUTHENTICATION}".split())
def test_every_field_that_the_data_models_ask_for_is_made(field: str) -> None:
    assert f"EVAL-{field}" in PROPS


@pytest.mark.parametrize(
    ("event", "action"),
    [
        ("users.user_logged_in", OUTCOME),
        ("users.sign_in_failed", OUTCOME),
        ("users.user_logged_out", "logoff"),
        ("connections.connection_created", "created"),
        ("workspace_management.user_removed", "deleted"),
        ("tenant_user_management.user_role_changed", "acl_modified"),
        ("tenant_user_management.user_deactivated", "stopped"),
        ("dashboards.dashboard_activated", "started"),
        ("tables.table_exported_to_csv", "read"),
        ("workflows.workflow_settings_updated", "modified"),
    ],
)
def test_an_event_has_the_action_that_the_model_knows(event: str, action: str) -> None:
    assert case_of("action", event) == action


@pytest.mark.parametrize("event", CATALOG.events(), ids=lambda event: event.code)
def test_every_event_has_an_action_and_a_name_for_its_object(event: Event) -> None:
    named = {name for name in event.parameters if name.endswith("_name") and not name.startswith("previous_")}

    assert case_of("action", event.code)
    assert case_of("change_type", event.code) in {"AAA", "application"}
    assert [name for name in named if f"'parameters.{name}'" not in PROPS["EVAL-object"]] == []


def test_only_fields_that_an_entry_has_are_read() -> None:
    known = {
        f"{name}.{inner}" for name, value in entry().items() if isinstance(value, dict) for inner in value
    }
    known |= {"target.id", "target.name", "target.type"}

    read = set(re.findall(r"'([a-z_.{}]+)'", " ".join(PROPS.values())))

    assert {name for name in read if not name.startswith("parameters.")} - known == set()


def test_entries_are_read_whole() -> None:
    assert (PROPS["KV_MODE"], PROPS["TRUNCATE"], PROPS["SHOULD_LINEMERGE"]) == ("json", "0", "false")


def test_every_tag_is_of_an_event_type_that_searches_our_sourcetype() -> None:
    types = conf(FOLDER / "eventtypes.conf")
    tags = conf(FOLDER / "tags.conf")

    assert {name.removeprefix("eventtype=") for name in tags.sections()} == set(types.sections())
    assert all(f'sourcetype="{SOURCETYPE}"' in types[name]["search"] for name in types.sections())
    codes = {event.code for event in CATALOG.events()}
    for pattern in re.findall(
        r'"([a-z_]+\.[a-z_*]+)"', " ".join(types[name]["search"] for name in types.sections())
    ):
        assert any(re.fullmatch(pattern.replace(".", r"\.").replace("*", ".*"), code) for code in codes), (
            pattern
        )
