from __future__ import annotations

import base64
import gzip
import json

import pytest

from auditsite.demo.intake import ELASTICSEARCH, Rules
from tests.auditsite.demo.intake.sender import Sender, bulk_body
from tests.fakes.intake import MakeIntake

WHO = "/_security/_authenticate"
MAY = "/_security/user/_has_privileges"
DRY = "/_ingest/logs-auditsite.audit-default/_simulate"
ASKED = json.dumps({"index": [{"names": ["logs-x-y"], "privileges": ["create_doc", "auto_configure"]}]})
DOCUMENTS = json.dumps({"docs": [{"_id": "1", "_source": {"@timestamp": 1}}, {"_source": {}}]})


def test_it_knows_an_api_key_and_a_user_and_a_bearer_token(sender: Sender) -> None:
    tokens = sender.intake.tokens
    user = base64.b64encode(tokens.elasticsearch_user.encode()).decode()
    shown = [f"ApiKey {tokens.elasticsearch}", f"Basic {user}", f"Bearer {tokens.elasticsearch_bearer}"]

    answers = [
        sender.send(ELASTICSEARCH, method="GET", path=WHO, headers={"Authorization": each}).json()
        for each in shown
    ]

    assert [each["authentication_type"] for each in answers] == ["api_key", "realm", "token"]
    assert answers[0]["api_key"]["id"] == base64.b64decode(tokens.elasticsearch).decode().split(":")[0]
    assert [each["username"] for each in answers] == ["auditsite"] * 3


@pytest.mark.parametrize(
    ("authorization", "reason"),
    [
        ("", "missing authentication credentials"),
        ("ApiKey wrong", "unable to authenticate"),
        ("Basic {token}", "unable to authenticate"),
        ("Nothing {token}", "unable to authenticate"),
        ("{token}", "unable to authenticate"),
    ],
)
def test_a_stranger_is_told_the_schemes(sender: Sender, authorization: str, reason: str) -> None:
    shown = authorization.format(token=sender.intake.token(ELASTICSEARCH))

    response = sender.send(ELASTICSEARCH, method="GET", path=WHO, headers={"Authorization": shown})

    assert response.status_code == 401
    assert response.json()["error"]["type"] == "security_exception"
    assert response.json()["error"]["reason"].startswith(reason)
    assert "ApiKey" in response.headers["WWW-Authenticate"]
    assert response.headers["X-Elastic-Product"] == "Elasticsearch"


def test_it_says_what_the_key_may_do(sender: Sender, make_intake: MakeIntake) -> None:
    with Sender(make_intake(Rules(privileges=frozenset({"create_doc"})))) as limited:
        all_granted = sender.send(ELASTICSEARCH, ASKED, path=MAY).json()
        one_missing = limited.send(ELASTICSEARCH, ASKED, path=MAY).json()

    assert all_granted["has_all_requested"] is True
    assert one_missing["has_all_requested"] is False
    assert one_missing["index"] == {"logs-x-y": {"create_doc": True, "auto_configure": False}}


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"index": [{}]}', '{"index": 5}'])
def test_a_privilege_check_that_can_not_be_read_is_refused(sender: Sender, body: str) -> None:
    response = sender.send(ELASTICSEARCH, body, path=MAY)

    assert (response.status_code, response.json()["error"]["type"]) == (400, "parse_exception")


def test_a_dry_run_stores_nothing_and_shows_errors(sender: Sender) -> None:
    documents = sender.send(ELASTICSEARCH, DOCUMENTS, path=DRY).json()["docs"]

    assert documents[0]["doc"]["_source"] == {"@timestamp": 1}
    assert "error" not in documents[0]["doc"]
    assert documents[1]["doc"]["error"]["type"] == "document_parsing_exception"
    assert sender.intake.received(ELASTICSEARCH) == []
    assert sender.send(ELASTICSEARCH, "{}", path=DRY).status_code == 400
    assert sender.send(ELASTICSEARCH, '{"docs": [5]}', path=DRY).status_code == 400


def test_a_key_that_may_only_create_documents_gets_no_dry_run(make_intake: MakeIntake) -> None:
    with Sender(make_intake(Rules(privileges=frozenset({"create_doc"})))) as sender:
        response = sender.send(ELASTICSEARCH, DOCUMENTS, path=DRY)

    assert (response.status_code, response.json()["error"]["type"]) == (403, "security_exception")


def test_the_root_names_the_product(sender: Sender) -> None:
    answer = sender.send(ELASTICSEARCH, method="GET", path="/").json()

    assert answer["tagline"] == "You Know, for Search"


def test_what_it_does_not_know_is_refused(sender: Sender) -> None:
    index = sender.send(ELASTICSEARCH, method="GET", path="/somewhere")
    handler = sender.send(ELASTICSEARCH, "x", path="/_nothing")

    assert (index.status_code, index.json()["error"]["type"]) == (404, "index_not_found_exception")
    assert handler.status_code == 400
    assert handler.json()["error"] == "no handler found for uri [/_nothing] and method [POST]"


def test_a_prefix_before_the_path_is_a_gateway(sender: Sender) -> None:
    response = sender.send(ELASTICSEARCH, bulk_body(1), path="/gw/es/logs-a-b/_bulk")

    assert response.json()["errors"] is False
    assert sender.intake.received(ELASTICSEARCH)[0].envelope["_index"] == "logs-a-b"


def test_bulk_wants_its_type_and_a_true_encoding(sender: Sender) -> None:
    squeezed = gzip.compress(bulk_body(1).encode())
    plain = {"Content-Type": "text/plain"}

    assert sender.send(ELASTICSEARCH, bulk_body(1), headers=plain).status_code == 406
    assert sender.send(ELASTICSEARCH, b"no", headers={"Content-Encoding": "gzip"}).status_code == 400
    assert sender.send(ELASTICSEARCH, squeezed, headers={"Content-Encoding": "gzip"}).status_code == 200


def test_a_long_body_is_too_large(make_intake: MakeIntake) -> None:
    with Sender(make_intake(Rules(elasticsearch_max_bytes=50))) as sender:
        assert sender.send(ELASTICSEARCH, bulk_body(1)).status_code == 413


def test_filter_path_cuts_the_answer(sender: Sender) -> None:
    path = "/logs-a-b/_bulk?filter_path=errors,items.*.status,items.*.error.type"

    first = sender.send(ELASTICSEARCH, bulk_body(1), path=path).json()
    again = sender.send(ELASTICSEARCH, bulk_body(1), path=path).json()

    assert first == {"errors": False, "items": [{"create": {"status": 201}}]}
    conflict = {"status": 409, "error": {"type": "version_conflict_engine_exception"}}
    assert again == {"errors": True, "items": [{"create": conflict}]}
