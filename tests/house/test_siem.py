"""What docs/siem.md shows is what the code makes."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from streaming.destination import Destination, Target, destination
from streaming.wire.elastic_template import parts
from streaming.wire.signing import new_secret
from tests.house import tree
from tests.streaming.wire.payloads import payload

TEXT = (tree.ROOT / "docs/siem.md").read_text(encoding="utf-8")
ENTRY = payload(details="Went live.", target={"type": "workflow", "id": "wf-1", "name": "Triage"})


def shown(name: str) -> Any:
    """The example of this name."""
    (found,) = re.findall(rf"<!-- example: {name} -->\n```json\n(.*?)\n```", TEXT, re.DOTALL)
    return json.loads(found)


def target(kind: Destination, **changes: Any) -> Target:
    url, _ = kind.target_url("https://siem.example.com")
    given: dict[str, Any] = {
        "url": url,
        "token": "secret-token",
        "tenant_slug": "acme",
        "channel": UUID(int=1),
        "host": "audit.example",
    }
    return Target(**(given | changes))


def sent(kind_name: str, **changes: Any) -> bytes:
    kind = destination(kind_name)
    return kind.encode([ENTRY], target(kind, **changes), now=datetime.now(UTC)).body


def test_the_example_for_splunk_is_what_splunk_gets() -> None:
    assert shown("splunk") == json.loads(sent("splunk_hec"))


def test_the_example_for_elasticsearch_is_what_elasticsearch_gets() -> None:
    assert shown("elasticsearch") == json.loads(sent("elasticsearch").splitlines()[1])


@pytest.mark.parametrize("name", ["native", "ocsf"])
def test_the_examples_for_http_are_what_an_intake_gets(name: str) -> None:
    assert shown(name) == json.loads(sent("http_bearer", payload_format=name))


def test_ecs_over_http_is_the_document_without_its_stream() -> None:
    document = {name: value for name, value in shown("elasticsearch").items() if name != "data_stream"}

    assert [document] == json.loads(sent("http_bearer", payload_format="ecs"))


def test_the_headers_in_the_table_are_those_of_a_request() -> None:
    kind, now = destination("http_bearer"), datetime.now(UTC)
    headers = kind.encode([ENTRY], target(kind, signing_secret=new_secret()), now=now).headers

    rows = [line.split("|")[1] for line in TEXT.splitlines() if line.startswith("| `")]

    assert {name for row in rows for name in re.findall(r"`([\w-]+)`", row)} == set(headers)


def test_the_code_that_verifies_a_signature_does() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    scope: dict[str, Any] = {}
    exec(code, scope)
    kind, now, secret = destination("http_bearer"), datetime.now(UTC), new_secret()

    request = kind.encode([ENTRY], target(kind, signing_secret=secret), now=now)

    assert scope["is_ours"](request.headers, request.body, secret)
    assert not scope["is_ours"](request.headers, request.body + b" ", secret)
    assert not scope["is_ours"](request.headers, request.body, new_secret())
    stale = kind.encode([ENTRY], target(kind, signing_secret=secret), now=datetime(2026, 1, 1, tzinfo=UTC))
    assert not scope["is_ours"](stale.headers, stale.body, secret)


def test_the_shell_loop_puts_each_part_where_it_belongs() -> None:
    (loop,) = re.findall(r"for part in (.*?); do", TEXT)

    told = [(one.split(":")[0], f"{one.split(':')[1]}/auditsite-audit") for one in loop.split()]

    assert told == [(name, path) for name, path, _ in parts()]


@pytest.mark.parametrize("kind_name", ["splunk_hec", "http_bearer", "elasticsearch"])
def test_the_limits_are_those_of_the_destination(kind_name: str) -> None:
    kind = destination(kind_name)

    assert re.search(
        rf"[Uu]p to {kind.most_payloads:,} (entries|documents) and {kind.most_bytes:,} bytes", TEXT
    )
