"""What cannot be read is refused with a reason, whatever it is, and nothing is written."""

from __future__ import annotations

import gzip
import json
import tracemalloc
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from django.test import RequestFactory

from audit.api.answers import Refusal
from audit.api.bodies import LARGEST_BODY, read_body
from audit.models import AuditEntry
from tests.audit.api.caller import ENTRY, Caller, answered, entry, errors

TEXT = json.dumps(ENTRY)


def _entries() -> int:
    return AuditEntry.objects.exclude(event="users.api_key_created").count()


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b" \n ", "empty"),
        (b"[]", "empty"),
        (b"7", "neither an entry"),
        (b'"text"', "neither an entry"),
        (b"null", "neither an entry"),
        (b"{", "line 1, column 2"),
        (b'{"event": "a.b",\n "actor": tru}', "line 2, column 11"),
        (b'{"event": NaN}', "NaN is no JSON number"),
        (b'{"event": -Infinity}', "-Infinity"),
        (b'{"event": 1e999}', "out of range"),
        (b'{"event": ' + b"9" * 5000 + b"}", "out of range"),
        (b'{"event": "\xff"}', "byte 12 is not UTF-8"),
        (b'{"event": "a\x00b"}', "column"),
        (b'{"event": 1} {"event": 2}', "Extra data"),
        (b'{"p": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deep"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested too deep"),
        (TEXT.encode("utf-16"), "UTF-8"),
    ],
)
def test_what_is_no_json_is_refused_with_the_place(platform: Caller, body: bytes, says: str) -> None:
    response = platform.post(body)

    assert response.status_code == 400
    assert says in answered(response)["detail"]
    assert _entries() == 0


@pytest.mark.parametrize(
    ("text", "where", "code"),
    [
        (TEXT.replace("{", '{"event": "x", ', 1), "/event", "key_repeated"),
        (TEXT.replace('"Triage"', '{"a/b": {"c": 1, "c": 2}}'), "/parameters/workflow_name/a~1b/c", "key_repeated"),
        (TEXT.replace("Triage", "\\ud800"), "/parameters/workflow_name", "surrogate"),
        (TEXT.replace("Triage", "x\\udc00y"), "/parameters/workflow_name", "surrogate"),
        (TEXT.replace("workflow_name", "\\ud83d"), "/parameters/\\ud83d", "surrogate"),
        (TEXT.replace("Triage", "a\\u0000b"), "/parameters/workflow_name", "nul_character"),
        (TEXT.replace("workflow_name", "a\\u0000"), "/parameters/a\\u0000", "nul_character"),
        (TEXT.replace('"Triage"', "9007199254740993"), "/parameters/workflow_name", "number_too_large"),
        (TEXT.replace("Ana", "\\u0000"), "/actor/name", "nul_character"),
        (TEXT.replace("ana@", "\\ud800@"), "/actor/email", "surrogate"),
        (TEXT.replace("workflows.", "\\ud800."), "/event", "event_unknown"),
        (TEXT.replace('"Triage"', "[" * 20 + "]" * 20), "/parameters/workflow_name" + "/0" * 16, "too_deep"),
        (json.dumps(entry(parameters={"a": "x" * 140_000})), "/parameters/a", "too_long"),
        (json.dumps(entry(details="x" * 10_001)), "/details", "too_long"),
        (json.dumps(entry(external_id="")), "/external_id", "empty"),
        (json.dumps(entry(context={"ip": "fe80::1%eth0"})), "/context/ip", "ip_invalid"),
        (json.dumps(entry(parameters=None)), "/parameters", "type_invalid"),
        (json.dumps(entry(outcome="maybe")), "/outcome", "type_invalid"),
        (json.dumps(entry(target={"id": "x"})), "/target/type", "missing"),
    ],
)  # fmt: skip
def test_what_no_entry_can_hold_is_refused_with_its_path(
    platform: Caller, text: str, where: str, code: str
) -> None:
    response = platform.post(text.encode())

    assert response.status_code == 422
    assert errors(response)[where] == code
    assert _entries() == 0


def test_a_key_like_text_in_a_value_is_not_a_repeated_key(platform: Caller) -> None:
    response = platform.post(entry(details='he said "a": 1, "a": 2', parameters={"x": ": y", "z": "::"}))

    assert response.status_code == 201


def test_a_byte_order_mark_is_passed_over(platform: Caller) -> None:
    assert platform.post(b"\xef\xbb\xbf" + TEXT.encode()).status_code == 201


def test_a_broken_line_of_ndjson_is_named(platform: Caller) -> None:
    response = platform.post(f"{TEXT}\n{TEXT}\n{{oops\n".encode(), kind="application/x-ndjson")

    assert response.status_code == 400
    assert "line 3, column 2" in answered(response)["detail"]


def test_a_thousand_and_one_entries_are_too_many(platform: Caller) -> None:
    response = platform.post([ENTRY] * 1001)

    assert response.status_code == 413
    assert "1,001" in answered(response)["detail"]
    assert _entries() == 0
    assert platform.post([ENTRY] * 1000).status_code == 201


@pytest.mark.parametrize("packed", [False, True])
def test_six_megabytes_are_too_large(platform: Caller, packed: bool) -> None:
    body = json.dumps([entry(parameters={"x": "a" * 100_000}) for _ in range(60)]).encode()

    response = platform.post(gzip.compress(body), Content_Encoding="gzip") if packed else platform.post(body)

    assert response.status_code == 413
    assert _entries() == 0


def test_inflating_a_bomb_stops_at_the_limit(rf: RequestFactory) -> None:
    packer = zlib.compressobj(wbits=31)
    bomb = b"".join(packer.compress(bytes(10_000_000)) for _ in range(10)) + packer.flush()
    request = rf.post("/", bomb, content_type="application/json", headers={"Content-Encoding": "gzip"})

    tracemalloc.start()
    with pytest.raises(Refusal) as refused:
        read_body(request)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(bomb) < LARGEST_BODY
    assert refused.value.status == 413
    assert most < 3 * LARGEST_BODY


def test_the_members_of_a_gzip_body_count_together(rf: RequestFactory) -> None:
    members = gzip.compress(bytes(3_000_000)) * 2
    request = rf.post("/", members, content_type="application/json", headers={"Content-Encoding": "gzip"})

    with pytest.raises(Refusal) as refused:
        read_body(request)

    assert refused.value.status == 413


@pytest.mark.parametrize("packed", [False, True])
def test_the_limit_itself_is_taken_and_one_byte_more_is_not(rf: RequestFactory, packed: bool) -> None:
    def sent(size: int) -> bytes:
        body = b"x" * size
        headers = {"Content-Encoding": "gzip"} if packed else {}
        content = gzip.compress(body) if packed else body
        return read_body(rf.post("/", content, content_type="application/json", headers=headers)).content

    assert len(sent(LARGEST_BODY)) == LARGEST_BODY
    with pytest.raises(Refusal):
        sent(LARGEST_BODY + 1)


def test_of_a_body_that_is_too_large_no_more_is_kept_than_the_limit(rf: RequestFactory) -> None:
    request = rf.post("/", b"x" * 4 * LARGEST_BODY, content_type="application/json")

    tracemalloc.start()
    with pytest.raises(Refusal):
        read_body(request)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 2 * LARGEST_BODY


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (TEXT.encode(), "is not gzip"),
        (gzip.compress(TEXT.encode())[:-9], "ends early"),
        (gzip.compress(TEXT.encode()) + b"tail", "is not gzip"),
    ],
)
def test_broken_gzip_is_refused(platform: Caller, body: bytes, says: str) -> None:
    response = platform.post(body, Content_Encoding="gzip")

    assert response.status_code == 400
    assert says in answered(response)["detail"]


def test_an_unknown_encoding_is_refused(platform: Caller) -> None:
    response = platform.post(TEXT.encode(), Content_Encoding="br")

    assert response.status_code == 415
    assert response["Accept-Encoding"] == "gzip"


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "", "application/json; charset=latin-1"]
)
def test_another_content_type_is_refused(platform: Caller, kind: str) -> None:
    response = platform.post(TEXT.encode(), kind=kind)

    assert response.status_code == 415
    assert "application/json" in answered(response)["detail"]


def test_an_empty_body_is_refused(rf: RequestFactory) -> None:
    with pytest.raises(Refusal, match="empty"):
        read_body(rf.generic("POST", "/", headers={"Content-Type": "application/json"}))


def test_chunks_that_the_server_cannot_delimit_need_a_length(rf: RequestFactory) -> None:
    sent = {"Transfer-Encoding": "chunked", "Content-Type": "application/json"}

    with pytest.raises(Refusal) as refused:
        read_body(rf.post("/", headers=sent))

    assert refused.value.status == 411


def test_a_body_in_chunks_is_read_to_its_end(rf: RequestFactory) -> None:
    sent = {"Transfer-Encoding": "chunked", "Content-Type": "application/json"}
    request = rf.post("/", headers=sent)
    request.META |= {"wsgi.input": BytesIO(b"{}"), "wsgi.input_terminated": True}

    assert read_body(request).content == b"{}"


def _injections() -> list[str]:
    lines = Path("tests/cases/injection_cases.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t")[2] for line in lines if line[:1] == "I"]


@pytest.mark.parametrize("value", _injections())
def test_a_hostile_text_is_taken_as_it_is_or_refused_with_its_path(platform: Caller, value: str) -> None:
    response = platform.post(TEXT.replace('"Triage"', value).encode())

    if response.status_code == 201:
        recorded = AuditEntry.objects.get(event=ENTRY["event"])
        assert json.loads(bytes(recorded.body))["parameters"] == {"workflow_name": json.loads(value)}
    else:
        assert response.status_code == 422
        assert "/parameters/workflow_name" in errors(response)
