"""Clients that others wrote are understood by the intake, and are refused what a real service refuses them.

`pip install elasticsearch opensearch-py splunk-hec-handler splunk-handler` brings them; what is not there is skipped.
"""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from auditsite.demo.intake import ELASTICSEARCH, SPLUNK_HEC, Behaviour, Intake, Refusal

STREAM = "logs-auditsite.audit-default"
MAKERS = ("elasticsearch", "opensearchpy")


@pytest.fixture(autouse=True)
def _the_test_says_whom_to_trust(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


def client_of(module: Any, intake: Intake) -> Any:
    if module.__name__ == "elasticsearch":
        return module.Elasticsearch(
            intake.base_url, ca_certs=str(intake.ca_file), api_key=intake.tokens.elasticsearch
        )
    user, _, password = intake.tokens.elasticsearch_user.partition(":")
    return module.OpenSearch(intake.base_url, ca_certs=str(intake.ca_file), http_auth=(user, password))


@pytest.fixture(params=MAKERS)
def maker(request: pytest.FixtureRequest) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip(request.param, reason=f"{request.param} is not installed")


@pytest.fixture
def client(maker: Any, intake: Intake) -> Iterator[Any]:
    client = client_of(maker, intake)
    yield client
    client.close()


def documents(number: int, *, op: str = "create", **changes: Any) -> list[dict[str, Any]]:
    return [
        {
            "_op_type": op,
            "_index": STREAM,
            "_id": f"id-{place}",
            "_source": {"@timestamp": "2026-11-24T08:00:00Z", "event": {"sequence": place}, **changes},
        }
        for place in range(1, number + 1)
    ]


def test_the_bulk_helper_delivers_once(maker: Any, client: Any, intake: Intake) -> None:
    helpers = _helpers(maker)

    first = helpers.bulk(client, documents(700), chunk_size=200)
    again, errors = helpers.bulk(client, documents(2), raise_on_error=False)

    assert first == (700, [])
    assert again == 0
    assert [error["create"]["status"] for error in errors] == [409, 409]
    assert [arrival.sequence for arrival in intake.received(ELASTICSEARCH)] == list(range(1, 701))


def test_the_bulk_helper_is_told_of_each_item(maker: Any, client: Any, intake: Intake) -> None:
    refusal = Refusal(ids=frozenset({"id-2"}), status=429, type="es_rejected_execution_exception")
    intake.behave(ELASTICSEARCH, Behaviour(refusals=(refusal,)), times=1)

    answers = list(
        _helpers(maker).streaming_bulk(
            client, documents(3), max_retries=1, initial_backoff=0.01, raise_on_error=False
        )
    )

    assert [(ok, answer["create"]["_id"]) for ok, answer in answers] == [
        (True, "id-1"),
        (True, "id-3"),
        (True, "id-2"),
    ]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (documents(1, op="index"), "only write ops with an op_type of create are allowed in data streams"),
        ([{"_op_type": "create", "_index": STREAM, "_id": "a", "_source": {"x": 1}}], "@timestamp"),
        ([{"_op_type": "create", "_index": "Bad", "_id": "a", "_source": {"x": 1}}], "Bad"),
    ],
    ids=["index into a data stream", "no timestamp", "a name in capitals"],
)
def test_what_elasticsearch_refuses_is_refused(maker: Any, client: Any, given: list[Any], told: str) -> None:
    _, errors = _helpers(maker).bulk(client, given, raise_on_error=False)

    assert len(errors) == 1
    assert told in str(errors[0])


def test_a_wrong_key_is_no_key(maker: Any, intake: Intake) -> None:
    intake.change("tokens", {"elasticsearch": "b3RoZXI6a2V5", "elasticsearch_user": "ana:other"})
    client = client_of(maker, intake)
    intake.change("tokens", {"elasticsearch": "bmV3OmtleQ==", "elasticsearch_user": "ana:new"})

    with pytest.raises(Exception, match="401"):
        _helpers(maker).bulk(client, documents(1))
    client.close()


@pytest.fixture
def handler(intake: Intake, request: pytest.FixtureRequest) -> Any:
    return _handler(intake, request.param, token=intake.tokens.splunk_hec)


@pytest.mark.parametrize("handler", ["splunk_hec_handler", "splunk_handler"], indirect=True)
def test_a_logging_handler_for_splunk_delivers(handler: Any, intake: Intake) -> None:
    logger = logging.getLogger(f"ana at {intake.port}")
    logger.addHandler(handler)

    for number in range(3):
        logger.warning("case %d shared" % number)  # noqa: G002, UP031 - one of them does not format
    handler.close()

    told = [str(arrival.entry) for arrival in intake.received(SPLUNK_HEC)]
    assert [f"case {number} shared" in text for number, text in enumerate(told)] == [True] * 3


@pytest.mark.parametrize("handler", ["splunk_hec_handler", "splunk_handler"], indirect=True)
def test_a_logging_handler_with_another_token_delivers_nothing(handler: Any, intake: Intake) -> None:
    intake.change("tokens", {"splunk_hec": "another"})
    logger = logging.getLogger(f"ana at {intake.port}")
    logger.addHandler(handler)

    # One raises, the other tells standard error.
    with contextlib.suppress(requests.HTTPError):
        logger.warning("case shared")
    handler.close()

    assert intake.received(SPLUNK_HEC) == []
    assert {seen.status for seen in intake.requests} == {403}


def _handler(intake: Intake, name: str, *, token: str) -> Any:
    module = pytest.importorskip(name, reason=f"{name} is not installed")
    if name == "splunk_hec_handler":
        return module.SplunkHecHandler(
            "127.0.0.1", token, port=intake.port, proto="https", ssl_verify=str(intake.ca_file), index="main"
        )
    return module.SplunkHandler(
        host="127.0.0.1", port=intake.port, token=token, index="main", protocol="https",
        verify=str(intake.ca_file), flush_interval=0.1, retry_count=0, sourcetype="audit",
    )  # fmt: skip


def _helpers(maker: Any) -> Any:
    return pytest.importorskip(f"{maker.__name__}.helpers")
