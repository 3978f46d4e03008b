from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from streaming.destination import SettingsError, destination
from streaming.transport.phases import PhaseResult
from streaming.wire.es_targets import DEFAULT_STREAM
from streaming.wire.messages import Answer, TransportError
from tests.streaming.destinations.probing import NOW, TOKEN, Intake, target, told
from tests.streaming.wire.answers import response
from tests.streaming.wire.payloads import payloads

ELASTIC = destination("elasticsearch")
URL = "https://es.example.com:9200"
WHO, MAY = "GET /_security/_authenticate", "POST /_security/user/_has_privileges"
DRY = f"POST /_ingest/{DEFAULT_STREAM}/_simulate"
ANA = response(
    200, {"username": "ana", "authentication_type": "api_key", "api_key": {"id": "1", "name": "audit"}}
)
SIMULATED = response(200, {"docs": [{"doc": {"_index": DEFAULT_STREAM}}]})


def privileges(*, create_doc: bool = True, auto_configure: bool = True) -> Answer:
    granted = {"create_doc": create_doc, "auto_configure": auto_configure}
    return response(200, {"has_all_requested": all(granted.values()), "index": {DEFAULT_STREAM: granted}})


GOOD = {WHO: ANA, MAY: privileges(), DRY: SIMULATED}


@pytest.mark.parametrize(
    ("pasted", "called"),
    [
        ("https://h.example:9200", f"https://h.example:9200/{DEFAULT_STREAM}/_bulk"),
        (
            "https://x.es.eu-1.aws.elastic.cloud:443",
            f"https://x.es.eu-1.aws.elastic.cloud/{DEFAULT_STREAM}/_bulk",
        ),
        ("https://h.example:9200/my-index", "https://h.example:9200/my-index/_bulk"),
        ("https://h.example:9200/my-index/_doc", "https://h.example:9200/my-index/_bulk"),
        ("https://h.example/_bulk", f"https://h.example/{DEFAULT_STREAM}/_bulk"),
        ("https://gw.example/es/my-index/_bulk", "https://gw.example/es/my-index/_bulk"),
        ("https://gw.example/es/", f"https://gw.example/es/{DEFAULT_STREAM}/_bulk"),
        (
            "acme:" + base64.b64encode(b"eu-1.aws.found.io:9243$abc$def").decode(),
            f"https://abc.eu-1.aws.found.io:9243/{DEFAULT_STREAM}/_bulk",
        ),
    ],
)
def test_what_people_paste_becomes_the_bulk_address(pasted: str, called: str) -> None:
    address, notes = ELASTIC.target_url(pasted)

    assert address == called
    assert called.split("/")[-2] in notes[0]


@pytest.mark.parametrize(
    ("pasted", "told"),
    [
        ("https://x.kb.eu-1.aws.elastic.cloud", "That is Kibana"),
        ("https://h.example:5601", "That is Kibana"),
        ("https://h.example/app/home", "That is Kibana"),
        ("https://h.example/My-Index", "must be in lower case"),
        ("https://h.example/a,b", "must hold none of"),
        ("https://h.example/x?pipeline=y", "Remove the part from ? on"),
    ],
)
def test_an_address_that_takes_no_entries_is_refused_with_a_hint(pasted: str, told: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        ELASTIC.target_url(pasted)

    assert told in refusal.value.message


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("apikey  abc", "ApiKey abc"),
        ("Authorization: ApiKey abc", "ApiKey abc"),
        ("Bearer abc", "Bearer abc"),
        ("elastic:changeme", "elastic:changeme"),
    ],
)
def test_a_scheme_that_was_pasted_with_the_token_is_kept(pasted: str, kept: str) -> None:
    assert ELASTIC.check_token(pasted) == kept


def test_entries_are_created_under_their_own_id() -> None:
    request = ELASTIC.encode(payloads(2), target(ELASTIC, URL), now=NOW)

    lines = request.body.splitlines()
    assert json.loads(lines[0]) == {"create": {"_id": str(payloads(1)[0].id)}}
    assert json.loads(lines[1])["data_stream"]["dataset"] == "auditsite.audit"
    assert request.url.startswith(f"{URL}/{DEFAULT_STREAM}/_bulk?filter_path=errors,items.*.status")
    assert request.largest_answer == 4 * 1024 * 1024
    assert dict(request.headers) == {
        "Authorization": f"ApiKey {TOKEN}",
        "Content-Type": "application/x-ndjson",
        "Accept": "application/json",
    }


def probe(answers: dict[str, Answer], **changes: Any) -> tuple[list[PhaseResult], Intake]:
    intake = Intake(answers)
    results = ELASTIC.probes(target(ELASTIC, URL, **changes), send=intake.send, now=NOW)
    return list(results), intake


def test_a_test_asks_and_simulates_and_writes_nothing() -> None:
    results, intake = probe(GOOD)

    assert told(results) == [("authentication", "ok", ""), ("ingest", "ok", "")]
    assert intake.asked() == [WHO, MAY, DRY]
    assert results[0].found == {"scheme": "ApiKey"}
    assert results[0].message == "Token accepted as an API key, “audit”"
    asked = json.loads(intake.requests[1].body)
    assert asked == {"index": [{"names": [DEFAULT_STREAM], "privileges": ["create_doc", "auto_configure"]}]}


def test_a_token_without_a_form_is_tried_both_ways() -> None:
    class OnlyBearer(Intake):
        def send(self, request: Any) -> Answer:
            answer = super().send(request)
            return answer if request.headers["Authorization"].startswith("Bearer ") else response(401)

    intake = OnlyBearer(GOOD)

    results = list(ELASTIC.probes(target(ELASTIC, URL), send=intake.send, now=NOW))

    assert results[0].found == {"scheme": "Bearer"}
    assert intake.asked() == [WHO, WHO, MAY, DRY]
    assert intake.requests[-1].headers["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        (response(401, www_authenticate='ApiKey realm="x"'), "fail", "http_401"),
        (response(403), "fail", "http_403"),
        (response(404), "warn", ""),
        (response(400, {"error": "no handler found"}), "warn", ""),
        (response(200, b"<html>Kibana"), "fail", "html_200"),
        (response(200, {}), "fail", "es_unreadable"),
        (response(503), "warn", "http_503"),
        (TransportError("timeout", "x"), "fail", "timeout"),
    ],
)
def test_who_the_token_is_decides_first(answer: Answer, status: str, code: str) -> None:
    results, _ = probe(GOOD | {WHO: answer})

    assert told(results)[0] == ("authentication", status, code)
    assert len(results) == (1 if status == "fail" else 2)


def test_a_refused_token_is_told_what_is_taken() -> None:
    results, _ = probe({WHO: response(401, www_authenticate=f'ApiKey, Basic realm="{TOKEN}"')})

    assert results[0].detail == 'It takes: ApiKey, Basic realm="[token]"'


@pytest.mark.parametrize(
    ("answers", "status", "code"),
    [
        ({MAY: privileges(create_doc=False)}, "fail", "es_no_create_doc"),
        ({MAY: privileges(auto_configure=False)}, "warn", "es_no_auto_configure"),
        ({MAY: response(404)}, "ok", ""),
        ({MAY: response(200, {"index": []})}, "ok", ""),
        ({MAY: TransportError("reset", "x")}, "fail", "reset"),
        ({DRY: response(403)}, "ok", ""),
        ({DRY: response(404)}, "ok", ""),
        ({DRY: response(200, {"docs": "strange"})}, "ok", ""),
        ({DRY: TransportError("reset", "x")}, "fail", "reset"),
        (
            {DRY: response(200, {"docs": [{"doc": {"error": {"type": "strict", "reason": "no"}}}]})},
            "fail",
            "es_simulation",
        ),
    ],
)
def test_privileges_and_simulation_decide_whether_it_may_write(
    answers: dict[str, Answer], status: str, code: str
) -> None:
    assert told(probe(GOOD | answers)[0])[1] == ("ingest", status, code)
