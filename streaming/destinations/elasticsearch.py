"""Elasticsearch, Elastic Cloud and OpenSearch, over the Bulk API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

import msgspec

from streaming.destination import (
    SMALLEST_GZIP,
    Destination,
    HelpLine,
    Send,
    SettingsError,
    Target,
    checked_token,
    pasted_url,
)
from streaming.transport.phases import PhaseResult, PhaseStatus, answered, failed, milliseconds
from streaming.wire.bulk_items import judge_bulk, read_error
from streaming.wire.ecs import bulk_body, ecs_document
from streaming.wire.es_targets import DEFAULT_STREAM, cloud_address, fault_of_name, split_path
from streaming.wire.es_tokens import SCHEMES, authorization, likely_schemes
from streaming.wire.formats import ECS, largest_size
from streaming.wire.judging import Exchange, is_web_page
from streaming.wire.messages import Answer, Request, Response, TransportError
from streaming.wire.outcome import Verdict
from streaming.wire.payload import Payload
from streaming.wire.sample import marked_entry

# What of an answer is needed: of 500 items, a few kilobytes instead of hundreds.
_FILTER = "errors,items.*.status,items.*.error.type,items.*.error.reason,items.*.failure_store"
_LARGEST_ANSWER = 4 * 1024 * 1024
_ACTION_SIZE = 70
_NO_SECURITY = {400, 404, 405, 501}


class Elasticsearch(Destination):
    """Posts ECS documents as `create` operations with the entry's id, so that a repeat is not doubled."""

    kind = "elasticsearch"
    label = "Elasticsearch"
    position = 3
    service = "Elasticsearch"
    blurb = "Bulk API of Elasticsearch or Elastic Cloud"
    url_placeholder = "https://my-cluster.es.eu-west-1.aws.elastic.cloud"
    token_help = "Stored encrypted and never shown again. API key (encoded, or id:key), user:password, or bearer token."  # noqa: S105 - a help text
    scheme_words = ("Authorization:",)
    setup_title = "Setting up Elasticsearch"
    setup = (
        HelpLine("URL", "The cluster address, without `/_bulk`, or its Cloud ID"),
        HelpLine("Sent as", "`Authorization: ApiKey <token>`; the test finds out"),
        HelpLine("Writes to", f"Data stream `{DEFAULT_STREAM}`, or the one that the URL names"),
        HelpLine("Key needs", "`auto_configure`, `create_doc`"),
    )
    test_note = "The test writes nothing: it asks for the key's privileges and simulates one document."
    # A tenth of the default of http.max_content_length, and below what proxies in front allow; an answer of so many
    # items is about 100 kB.
    most_payloads = 2_000
    most_bytes = 5_000_000

    def target_url(self, url: str) -> tuple[str, list[str]]:
        address = cloud_address(url.strip())
        parsed = pasted_url(address or url)
        if "?" in parsed.path:
            raise SettingsError("url", "Remove the part from ? on.")
        if ".kb." in parsed.host or parsed.port == 5601 or parsed.path.startswith("/app/"):
            raise SettingsError(
                "url", "That is Kibana. Enter the address of Elasticsearch, in Elastic Cloud with .es. in it."
            )
        prefix, name = split_path(parsed.path)
        fault = fault_of_name(name)
        if fault:
            raise SettingsError("url", f"“{name}” can't be a data stream: its name {fault}.")
        notes = [f"Entries go to {name}."]
        return str(replace(parsed, path=f"{prefix}/{name}/_bulk")), notes

    def check_token(self, token: str) -> str:
        word, _, rest = token.strip().removeprefix("Authorization:").strip().partition(" ")
        for scheme in SCHEMES:
            if rest and word.lower() == scheme.lower():
                return f"{scheme} {checked_token(rest)}"
        return checked_token(token, scheme_words=self.scheme_words)

    def size_of(self, payload: Payload, target: Target) -> int:  # noqa: ARG002 - one format
        return largest_size(payload, ECS) + _ACTION_SIZE

    def encode(self, payloads: Sequence[Payload], target: Target, *, now: datetime) -> Request:  # noqa: ARG002
        body = bulk_body(payloads, stream=_place(target)[1])
        return Request(
            method="POST",
            url=f"{target.url}?filter_path={_FILTER}",
            headers=_headers(target, "application/x-ndjson"),
            body=body,
            gzip=target.gzip and len(body) >= SMALLEST_GZIP,
            largest_answer=_LARGEST_ANSWER,
        )

    def judge_response(self, response: Response, exchange: Exchange) -> Verdict:
        return judge_bulk(response, exchange)

    def probes(self, target: Target, *, send: Send, now: datetime) -> Iterator[PhaseResult]:
        """Who the token is, what it may do, and what would become of one entry; nothing is written."""
        probe = _Probe(self, target, send=send, now=now)
        who = probe.authenticate()
        yield who
        if not who.stops:
            yield probe.may_write()


def _place(target: Target) -> tuple[str, str]:
    """The cluster's own address and the name to write to."""
    base, name, _ = target.url.rsplit("/", 2)
    return base, name


def _headers(target: Target, kind: str) -> dict[str, str]:
    return {
        "Authorization": authorization(target.token, scheme=target.scheme),
        "Content-Type": kind,
        "Accept": "application/json",
    }


class _Probe:
    """The conversation of one connection test."""

    def __init__(self, destination: Destination, target: Target, *, send: Send, now: datetime) -> None:
        self.destination = destination
        self.target = target
        self.send = send
        self.now = now

    def authenticate(self) -> PhaseResult:
        schemes = (self.target.scheme,) if self.target.scheme else likely_schemes(self.target.token)
        for scheme in schemes:
            self.target = replace(self.target, scheme=scheme)
            answer = self._ask("GET", "/_security/_authenticate")
            if isinstance(answer, TransportError) or answer.status != 401:
                break
        return failed("authentication", answer) if isinstance(answer, TransportError) else self._who(answer)

    def _who(self, answer: Response) -> PhaseResult:
        body = _read(answer)
        if answer.status == 200 and body.get("username"):
            found = {"scheme": self.target.scheme}
            who = self._show(_inner(body, "api_key").get("name") or body["username"])
            form = _WORDS.get(self.target.scheme, "a token")
            message = f"Token accepted as {form}, “{who}”"
            return replace(self._result("authentication", answer, PhaseStatus.OK, message), found=found)
        if answer.status in _NO_SECURITY and not is_web_page(answer):
            message = "It does not say who signs in: its security is off, or it is OpenSearch. The token is not proven."
            return self._result("authentication", answer, PhaseStatus.WARN, message)
        result = self._judged("authentication", answer)
        asked = self._show(answer.headers.get("www-authenticate", ""))
        return replace(result, detail=f"It takes: {asked}" if answer.status == 401 and asked else "")

    def may_write(self) -> PhaseResult:
        name = _place(self.target)[1]
        wanted = {"index": [{"names": [name], "privileges": ["create_doc", "auto_configure"]}]}
        answer = self._ask("POST", "/_security/user/_has_privileges", wanted)
        if isinstance(answer, TransportError):
            return failed("ingest", answer)
        granted = _inner(_inner(_read(answer), "index"), name)
        if answer.status == 200 and granted.get("create_doc") is False:
            message = "Elasticsearch accepted the key, but it may not write. It needs auto_configure and create_doc."
            return replace(self._result("ingest", answer, PhaseStatus.FAIL, message), code="es_no_create_doc")
        dry = self.simulate(name)
        if dry.status is PhaseStatus.OK and granted.get("auto_configure") is False:
            message = f"The key may write, but not create. {name} must be there already."
            return replace(dry, status=PhaseStatus.WARN, code="es_no_auto_configure", message=message)
        return dry

    def simulate(self, name: str) -> PhaseResult:
        entry = marked_entry(entry_id=uuid4(), tenant_slug=self.target.tenant_slug, now=self.now)
        document = {"_id": str(entry.id), "_source": ecs_document(entry, stream=name)}
        answer = self._ask("POST", f"/_ingest/{name}/_simulate", {"docs": [document]})
        if isinstance(answer, TransportError):
            return failed("ingest", answer)
        if answer.status != 200:
            # Older clusters, OpenSearch and keys that may only create don't know it or may not.
            message = f"The key may write to {name}. The first entry will show whether its mapping fits."
            return self._result("ingest", answer, PhaseStatus.OK, message)
        docs = _read(answer).get("docs")
        first = docs[0] if isinstance(docs, list) and docs and isinstance(docs[0], dict) else {}
        kind, reason = read_error(first.get("doc"))
        if kind or reason:
            message = f"{name} would refuse an entry: {self._show(f'{kind}: {reason}')}."
            return replace(self._result("ingest", answer, PhaseStatus.FAIL, message), code="es_simulation")
        return self._result("ingest", answer, PhaseStatus.OK, f"{name} takes our entries (simulated)")

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        return self.send(
            Request(
                method=method,
                url=f"{_place(self.target)[0]}{path}",
                headers=_headers(self.target, "application/json"),
                body=msgspec.json.encode(body) if body is not None else b"",
            )
        )

    def _judged(self, name: str, answer: Response) -> PhaseResult:
        verdict = self.destination.judge(answer, sent=(), target=self.target, now=self.now)
        status = PhaseStatus.FAIL if answer.status == 200 else None
        return answered(name, verdict, answer, status=status)

    def _result(self, name: str, answer: Response, status: PhaseStatus, message: str) -> PhaseResult:
        return PhaseResult(name=name, status=status, message=message, milliseconds=milliseconds(answer))

    def _show(self, text: object) -> str:
        return self.destination.exchange(self.target, sent=0, now=self.now).show(text)


_WORDS = {"ApiKey": "an API key", "Bearer": "a bearer token", "Basic": "user and password"}


def _read(answer: Response) -> dict[str, Any]:
    try:
        body = msgspec.json.decode(answer.body)
    except msgspec.DecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def _inner(body: dict[str, Any], key: str) -> dict[str, Any]:
    found = body.get(key)
    return found if isinstance(found, dict) else {}
