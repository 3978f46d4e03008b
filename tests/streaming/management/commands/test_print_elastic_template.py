from __future__ import annotations

import json
import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from streaming.wire.elastic_template import component_template, index_template, ingest_pipeline

PUT = re.compile(r"(?m)^PUT (\S+)\n(\{.*?^\})", re.DOTALL)
PATHS = [
    "_component_template/auditsite-audit",
    "_ingest/pipeline/auditsite-audit",
    "_index_template/auditsite-audit",
]


def printed(*arguments: str) -> str:
    out = StringIO()
    call_command("print_elastic_template", *arguments, stdout=out)
    return out.getvalue()


def test_requests_are_printed_in_the_order_of_their_installing() -> None:
    requests = PUT.findall(printed())

    assert [path for path, _ in requests] == PATHS
    assert [json.loads(body) for _, body in requests] == [
        component_template(),
        ingest_pipeline(),
        index_template(),
    ]


def test_json_is_one_object_by_request() -> None:
    answer = json.loads(printed("--json"))

    assert list(answer) == [f"PUT {path}" for path in PATHS]


@pytest.mark.parametrize("json_too", [[], ["--json"]])
def test_one_part_is_a_body_for_curl(json_too: list[str]) -> None:
    assert json.loads(printed("--part", "pipeline", *json_too)) == ingest_pipeline()


def test_another_part_is_refused() -> None:
    with pytest.raises(CommandError, match="component"):
        printed("--part", "dashboard")


def test_opensearch_gets_it_in_its_own_words() -> None:
    assert json.loads(printed("--part", "component", "--opensearch")) == component_template(opensearch=True)
    assert "flat_object" in printed("--opensearch")
    assert "flat_object" not in printed()
