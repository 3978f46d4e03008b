from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from audit.catalog.lookup import CATALOG
from streaming.wire import elastic_template
from streaming.wire.ecs import ecs_document
from streaming.wire.elastic_template import (
    component_template,
    field_types,
    index_template,
    ingest_pipeline,
    parts,
)
from streaming.wire.es_targets import DEFAULT_STREAM
from tests.streaming.wire.payloads import payload

FULL: dict[str, Any] = {
    "details": "Went live.",
    "parameters": {
        "username": "vic@acme.example",
        "role": "auditor",
        "group_name": "SOC",
        "n": [1, {"a": None}],
    },
}


def leaves(value: Any, path: str = "") -> Iterator[str]:
    if not isinstance(value, dict):
        yield path
        return
    for name, inner in value.items():
        yield from leaves(inner, f"{path}.{name}" if path else name)


@pytest.mark.parametrize("event", CATALOG.events(), ids=lambda event: event.code)
@pytest.mark.parametrize("target", ["user", "group", "workflow", None])
def test_every_field_of_every_document_has_a_mapping(event: Any, target: str | None) -> None:
    about = {"type": target, "id": "x-1", "name": "Vic", "email": "vic@acme.example"} if target else None

    made = ecs_document(payload(event=event.code, target=about, **FULL), stream=DEFAULT_STREAM)

    assert set(leaves(made)) - set(field_types()) == set()


def test_every_mapping_is_of_a_field_that_we_send() -> None:
    codes = ("tenant_user_management.user_role_changed", "tenant_user_management.group_created")
    about = [{"type": kind, "id": "x-1", "name": "Vic", "email": "v@a.example"} for kind in ("user", "group")]
    given = [payload(event=code, target=target, **FULL) for code in codes for target in about]
    documents = [ecs_document(one, stream=DEFAULT_STREAM) for one in given]

    sent = {name for made in documents for name in leaves(made)}

    assert set(field_types()) - sent == {elastic_template.PARAMETERS}


def test_parameters_are_one_field_whatever_their_keys() -> None:
    properties = component_template()["template"]["mappings"]["properties"]["auditsite"]["properties"][
        "audit"
    ]["properties"]

    assert properties["parameters"]["type"] == "flattened"
    assert properties["parameters_json"]["index"] is False
    deep = ecs_document(payload(parameters={f"k{n}": {"x": n} for n in range(500)}), stream=DEFAULT_STREAM)
    assert set(leaves(deep)) - set(field_types()) == set()


def test_the_template_is_for_the_stream_that_we_write_to() -> None:
    template = index_template()

    assert DEFAULT_STREAM.startswith(template["index_patterns"][0].removesuffix("*"))
    assert template["priority"] > 100
    assert template["template"]["settings"]["index"]["default_pipeline"] == elastic_template.NAME
    needed = set(template["composed_of"]) - set(template["ignore_missing_component_templates"])
    assert needed == {elastic_template.NAME}


def test_the_pipeline_keeps_the_string_where_it_makes_no_object() -> None:
    made, removed = ingest_pipeline()["processors"]

    assert made["json"]["ignore_failure"] is True
    assert "parameters != null" in removed["remove"]["if"]


def test_what_the_index_template_needs_is_installed_before_it() -> None:
    assert [name for name, _, _ in parts()] == ["component", "pipeline", "index"]
    assert all(json.dumps(body) for _, _, body in parts())


def test_opensearch_has_the_same_fields_under_types_that_it_knows() -> None:
    types = {kind["type"] for kind in field_types(opensearch=True).values()}

    assert set(field_types(opensearch=True)) == set(field_types())
    assert types <= {"keyword", "date", "long", "short", "ip", "text", "flat_object"}
    assert "ignore_missing_component_templates" not in index_template(opensearch=True)
