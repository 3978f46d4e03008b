"""The templates in servers that we did not write: both take them, and the one with ingest pipelines uses ours."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from auditsite.demo.intake.authority import Authority
from streaming.wire.ecs import bulk_body
from streaming.wire.elastic_template import PARAMETERS, PARAMETERS_JSON, parts
from streaming.wire.es_targets import DEFAULT_STREAM
from streaming.wire.payload import Payload
from tests.fakes.independent import Independent, independent
from tests.house import tree
from tests.streaming.wire.payloads import payload

SIEM = tree.ROOT / "docs/siem.md"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"), datetime.now(UTC))


@pytest.fixture(scope="module")
def elasticsearch(authority: Authority) -> Iterator[Independent]:
    with independent("noida-db", authority) as server:
        for _, path, body in parts():
            server.ask(path, method="PUT", content=body)
        yield server


def send(server: Independent, given: Sequence[Payload]) -> None:
    answer = requests.post(
        f"{server.plain}/{DEFAULT_STREAM}/_bulk?refresh=true",
        data=bulk_body(given, stream=DEFAULT_STREAM),
        headers={"Content-Type": "application/x-ndjson"},
        timeout=10,
    ).json()
    assert {item["create"]["status"] for item in answer["items"]} == {201}


def found(server: Independent, field: str, value: str) -> list[dict[str, Any]]:
    search = {"query": {"term": {field: value}}}
    hits = server.ask(f"{DEFAULT_STREAM}/_search", method="POST", content=search)["hits"]["hits"]
    return [hit["_source"] for hit in hits]


def test_parameters_become_one_searchable_object(elasticsearch: Independent) -> None:
    many = {f"key {number}": {"deep": [number, {"er": None}]} for number in range(2_000)}
    given = [payload(7, parameters={"workflow_name": "Triage 7"}), payload(8, parameters=many), payload(9)]

    send(elasticsearch, given)

    triage = found(elasticsearch, f"{PARAMETERS}.workflow_name", "Triage 7")
    assert [document["event"]["sequence"] for document in triage] == [7]
    assert all(
        PARAMETERS_JSON.rpartition(".")[2] not in document["auditsite"]["audit"] for document in triage
    )
    assert "key 1" not in str(elasticsearch.ask(f"{DEFAULT_STREAM}/_mapping"))


def test_the_documents_aggregation_shows_a_gap(elasticsearch: Independent) -> None:
    (text,) = re.findall(r"_search\n(\{.*?\n.*?\})\n```", SIEM.read_text(encoding="utf-8"))
    search = json.loads(text)
    blocks = search["aggs"]["blocks"]["histogram"]
    assert blocks["interval"] == 10_000
    blocks["interval"] = 10
    written = [payload(number) for number in range(100, 130) if number != 117]
    send(elasticsearch, written)

    answer = elasticsearch.ask(f"{DEFAULT_STREAM}/_search", method="POST", content=search)

    counted = {bucket["key"]: bucket["doc_count"] for bucket in answer["aggregations"]["blocks"]["buckets"]}
    assert [counted[key] for key in (100, 110, 120)] == [10, 9, 10]


def test_opensearch_takes_its_mappings_and_its_index_template(authority: Authority) -> None:
    with independent("osmem-server", authority) as server:
        for name, path, body in parts(opensearch=True):
            if name != "pipeline":  # this server has none
                assert server.ask(path, method="PUT", content=body)["acknowledged"]
