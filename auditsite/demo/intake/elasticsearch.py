"""Elasticsearch 8, as far as a shipper meets it: who am I, what may I do, a dry run, and the bulk endpoint."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from auditsite.demo.intake.behaviour import Behaviour
from auditsite.demo.intake.bulk import Bulk, BulkRefused, is_data_stream
from auditsite.demo.intake.exchange import (
    Answer,
    BadEncoding,
    Headers,
    Request,
    TooLarge,
    json_answer,
    parse_json,
)
from auditsite.demo.intake.filter_path import filtered
from auditsite.demo.intake.ledger import Entry, Ledger
from auditsite.demo.intake.rules import Rules
from auditsite.demo.intake.tokens import Tokens

PRODUCT: Headers = (("X-Elastic-Product", "Elasticsearch"),)
SCHEMES = ('Basic realm="security", charset="UTF-8"', 'Bearer realm="security"', "ApiKey")
BULK_TYPES = re.compile(r"application/(vnd\.elasticsearch\+)?(x-nd)?json")
BULK_PATH = re.compile(r"(?:/(?P<target>[^/]+))?/_bulk")
SIMULATE_PATH = re.compile(r"/_ingest(?:/(?P<target>[^/]+))?/_simulate")


@dataclass
class Elasticsearch:
    """One cluster: an API key, a user and a bearer token may come in, all with the same privileges."""

    tokens: Tokens
    rules: Rules
    ledger: Ledger

    def answer(self, request: Request, behaviour: Behaviour) -> Answer:
        """Answer one request, and keep what it brought."""
        scheme = self._scheme_of(request)
        if scheme is None:
            return _unauthenticated(request)
        try:
            body = request.inflated()
        except BadEncoding:
            return error_answer(400, "parse_exception", "the body isn't what Content-Encoding says")
        except TooLarge:
            body = b""
        if len(body) > self.rules.elasticsearch_max_bytes or len(request.body) > len(body) == 0:
            return Answer(status=413, headers=PRODUCT)
        content = self._route(request, behaviour, body, scheme)
        if isinstance(content, Answer):
            return content
        return json_answer(200, filtered(content, request.query.get("filter_path", "")), headers=PRODUCT)

    def _route(self, request: Request, behaviour: Behaviour, body: bytes, scheme: str) -> Entry | Answer:
        path = request.path.rstrip("/")
        if path.endswith("/_security/_authenticate"):
            return self._who_am_i(scheme)
        if path.endswith("/_security/user/_has_privileges"):
            return self._privileges(body)
        if found := SIMULATE_PATH.search(path):
            return self._simulate(body, found["target"] or "")
        if (found := BULK_PATH.search(path)) and request.method in {"POST", "PUT"}:
            return self._bulk(request, behaviour, body, found["target"] or "")
        return _other(request, path)

    def _scheme_of(self, request: Request) -> str | None:
        scheme, _, secret = request.header("Authorization").partition(" ")
        known = {
            "apikey": self.tokens.elasticsearch,
            "basic": base64.b64encode(self.tokens.elasticsearch_user.encode()).decode(),
            "bearer": self.tokens.elasticsearch_bearer,
        }
        return scheme.lower() if known.get(scheme.lower()) == secret.strip() else None

    def _who_am_i(self, scheme: str) -> Entry:
        kinds = {"apikey": "api_key", "basic": "realm", "bearer": "token"}
        who: Entry = {
            "username": self.tokens.elasticsearch_user.partition(":")[0],
            "roles": [],
            "enabled": True,
            "authentication_realm": {"name": "demo", "type": "native"},
            "lookup_realm": {"name": "demo", "type": "native"},
            "authentication_type": kinds[scheme],
        }
        if scheme == "apikey":
            who["api_key"] = {"id": _key_id(self.tokens.elasticsearch), "name": "demo-intake"}
        return who

    def _privileges(self, body: bytes) -> Entry | Answer:
        try:
            asked = parse_json(body)
            wanted = asked["index"]  # type: ignore[index]  # anything else is the error below
            index = {
                str(name): {str(each): each in self.rules.privileges for each in item["privileges"]}
                for item in wanted
                for name in item["names"]
            }
        except (ValueError, KeyError, TypeError) as error:
            return error_answer(400, "parse_exception", f"failed to parse privilege check: {error}")
        granted = all(each for privileges in index.values() for each in privileges.values())
        user = self.tokens.elasticsearch_user.partition(":")[0]
        return {
            "username": user,
            "has_all_requested": granted,
            "cluster": {},
            "index": index,
            "application": {},
        }

    def _simulate(self, body: bytes, target: str) -> Entry | Answer:
        if not self.rules.privileges & {"index", "create"}:
            reason = f"action [indices:admin/simulate/bulk] is unauthorized on indices [{target}]"
            return error_answer(403, "security_exception", reason)
        try:
            asked = parse_json(body)
            documents = [dict(document) for document in asked["docs"]]  # type: ignore[index]  # as above
        except (ValueError, KeyError, TypeError):
            return error_answer(400, "parse_exception", "[docs] required property is missing")
        return {"docs": [{"doc": _simulated(document, target)} for document in documents]}

    def _bulk(self, request: Request, behaviour: Behaviour, body: bytes, target: str) -> Entry | Answer:
        if not BULK_TYPES.fullmatch(request.media_type):
            reason = f"Content-Type header [{request.header('Content-Type')}] is not supported"
            return json_answer(406, {"error": reason, "status": 406}, headers=PRODUCT)
        bulk = Bulk(ledger=self.ledger, rules=self.rules, behaviour=behaviour, at=request.at)
        try:
            return bulk.run(body, target)
        except BulkRefused as refused:
            return error_answer(400, refused.type, refused.reason)


ROOT: Entry = {
    "name": "intake",
    "cluster_name": "auditsite-demo",
    "cluster_uuid": "auditsite-demo-intake0",
    "version": {"number": "8.17.0", "build_flavor": "default", "lucene_version": "9.12.0"},
    "tagline": "You Know, for Search",
}


def _other(request: Request, path: str) -> Entry | Answer:
    name = path.rpartition("/")[2]
    if request.method == "GET" and not path:
        return ROOT
    if request.method == "GET" and not name.startswith("_"):
        return error_answer(404, "index_not_found_exception", f"no such index [{name}]")
    reason = f"no handler found for uri [{request.path}] and method [{request.method}]"
    return json_answer(400, {"error": reason, "status": 400}, headers=PRODUCT)


def _simulated(document: Entry, target: str) -> Entry:
    index = target or str(document.get("_index", ""))
    source = document.get("_source", {})
    answer: Entry = {"_id": str(document.get("_id", "")), "_index": index, "_version": -3, "_source": source}
    answer["executed_pipelines"] = []
    if is_data_stream(index) and (not isinstance(source, dict) or "@timestamp" not in source):
        reason = "data stream timestamp field [@timestamp] is missing"
        answer["error"] = {"type": "document_parsing_exception", "reason": reason}
    return answer


def _key_id(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return encoded[:20]


def _unauthenticated(request: Request) -> Answer:
    if request.header("Authorization"):
        reason = "unable to authenticate with provided credentials and anonymous access is not allowed for this action"
    else:
        reason = f"missing authentication credentials for REST request [{request.path}]"
    cause = {"type": "security_exception", "reason": reason, "header": {"WWW-Authenticate": list(SCHEMES)}}
    headers = (*PRODUCT, *(("WWW-Authenticate", scheme) for scheme in SCHEMES))
    return json_answer(401, {"error": {"root_cause": [cause], **cause}, "status": 401}, headers=headers)


def error_answer(status: int, error_type: str, reason: str) -> Answer:
    """A whole request refused, in Elasticsearch's shape."""
    cause = {"type": error_type, "reason": reason}
    return json_answer(status, {"error": {"root_cause": [cause], **cause}, "status": status}, headers=PRODUCT)
