"""Elasticsearch's bulk endpoint: action line, document line; each item is answered for itself."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from auditsite.demo.intake.behaviour import Behaviour
from auditsite.demo.intake.exchange import parse_json
from auditsite.demo.intake.kinds import ELASTICSEARCH
from auditsite.demo.intake.ledger import Entry, Ledger, Offer
from auditsite.demo.intake.native import text_of, whole_number
from auditsite.demo.intake.rules import Rules

ACTIONS = ("create", "index", "update", "delete")
# What the templates that come with Elasticsearch match.
DATA_STREAM = re.compile(r"(logs|metrics|traces)-[^-]+-.+")
BAD_NAME = re.compile(r"[A-Z\\/*?\"<>| ,#:]|^[-_+]|^\.{1,2}$")
ONLY_CREATE = "only write ops with an op_type of create are allowed in data streams"


def is_data_stream(target: str) -> bool:
    return DATA_STREAM.fullmatch(target) is not None


class BulkRefused(Exception):
    """The whole request is refused with 400."""

    def __init__(self, error_type: str, reason: str) -> None:
        super().__init__(reason)
        self.type = error_type
        self.reason = reason


class _Item(NamedTuple):
    action: str
    target: str
    id: str
    line: str
    position: int


@dataclass
class Bulk:
    """One bulk request under way."""

    ledger: Ledger
    rules: Rules
    behaviour: Behaviour
    at: datetime

    def run(self, body: bytes, target: str) -> Entry:
        """The answer's content; BulkRefused when the request as a whole can't be read."""
        items = _items(body, target)
        answers = [{item.action: self._item(item)} for item in items]
        failed = any("error" in answer for each in answers for answer in each.values())
        return {"took": 1, "errors": failed, "items": answers}

    def _item(self, item: _Item) -> Entry:
        refusal = self.behaviour.refusal_of(position=item.position, entry_id=item.id, text=item.line)
        if refusal is not None:
            return _failure(item, refusal.status, refusal.type, refusal.reason)
        if fault := self._fault_of(item):
            return _failure(item, *fault)
        try:
            document = parse_json(item.line)
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict):
            return _failure(item, 400, "document_parsing_exception", "[1:1] failed to parse document")
        if is_data_stream(item.target) and "@timestamp" not in document:
            reason = "[1:1] data stream timestamp field [@timestamp] is missing"
            return _failure(item, 400, "document_parsing_exception", reason)
        return self._store(item, document)

    def _fault_of(self, item: _Item) -> tuple[int, str, str] | None:
        if BAD_NAME.search(item.target) or len(item.target.encode()) > 255:
            return 400, "invalid_index_name_exception", f"Invalid index name [{item.target}]"
        if is_data_stream(item.target) and item.action != "create":
            return 400, "illegal_argument_exception", ONLY_CREATE
        if item.action not in {"create", "index"}:
            return 400, "illegal_argument_exception", f"this intake knows no [{item.action}]"
        needed = {"create", "create_doc", "index", "write"} if item.action == "create" else {"index", "write"}
        if not self.rules.privileges & needed:
            reason = f"action [indices:data/write/bulk[s]] is unauthorized on indices [{item.target}]"
            return 403, "security_exception", reason
        return None

    def _store(self, item: _Item, document: Entry) -> Entry:
        first = self.ledger.take(ELASTICSEARCH, _offer(item, document), self.at)
        if first:
            return _stored(item, 201, "created")
        if item.action == "index":
            return _stored(item, 200, "updated")
        reason = f"[{item.id}]: version conflict, document already exists (current version [1])"
        return _failure(item, 409, "version_conflict_engine_exception", reason)


def _items(body: bytes, target: str) -> list[_Item]:
    if not body.strip():
        raise BulkRefused("parse_exception", "request body is required")
    if not body.endswith(b"\n"):
        raise BulkRefused(
            "illegal_argument_exception", "The bulk request must be terminated by a newline [\\n]"
        )
    try:
        lines = body.decode().split("\n")[:-1]
    except UnicodeDecodeError as error:
        raise BulkRefused("parse_exception", f"Invalid UTF-8: {error.reason}") from error
    items: list[_Item] = []
    number = 0
    while number < len(lines):
        if not lines[number].strip():
            number += 1
            continue
        action, index, item_id = _action(lines[number], number + 1, target)
        with_document = action != "delete"
        if with_document and number + 1 >= len(lines):
            raise BulkRefused(
                "action_request_validation_exception", "Validation Failed: 1: no requests added;"
            )
        line = lines[number + 1] if with_document else ""
        items.append(_Item(action, index, item_id, line, len(items)))
        number += 2 if with_document else 1
    return items


def _action(line: str, number: int, target: str) -> tuple[str, str, str]:
    """Action, index and id of an action line."""
    try:
        content = parse_json(line)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict) or len(content) != 1:
        reason = f"Malformed action/metadata line [{number}], expected one of {ACTIONS}"
        raise BulkRefused("illegal_argument_exception", reason)
    action, meta = next(iter(content.items()))
    if action not in ACTIONS or not isinstance(meta, dict):
        reason = f"Malformed action/metadata line [{number}], expected one of {ACTIONS} but found [{action}]"
        raise BulkRefused("illegal_argument_exception", reason)
    index = str(meta.get("_index") or target)
    if not index:
        raise BulkRefused("action_request_validation_exception", "Validation Failed: 1: index is missing;")
    item_id = str(meta.get("_id") or uuid.uuid4().hex[:20])
    if len(item_id.encode()) > 512:
        reason = "Validation Failed: 1: id is too long, must be no longer than 512 bytes;"
        raise BulkRefused("action_request_validation_exception", reason)
    return action, index, item_id


def _offer(item: _Item, document: Entry) -> Offer:
    event = document.get("event")
    nested = event.get("sequence") if isinstance(event, dict) else None
    sequence = document.get("event.sequence", nested)
    tenant = text_of(document, "organization", "name") or text_of(document, "organization", "id") or ""
    return Offer(
        key=f"{item.target}/{item.id}",
        id=item.id,
        sequence=whole_number(sequence),
        tenant=tenant,
        entry=document,
        envelope={"action": item.action, "_index": item.target, "_id": item.id},
    )


def _backing_index(target: str) -> str:
    return f".ds-{target}-2026.01.01-000001" if is_data_stream(target) else target


def _stored(item: _Item, status: int, result: str) -> Entry:
    return {
        "_index": _backing_index(item.target),
        "_id": item.id,
        "_version": 1 if result == "created" else 2,
        "result": result,
        "_shards": {"total": 2, "successful": 1, "failed": 0},
        "_primary_term": 1,
        "status": status,
    }


def _failure(item: _Item, status: int, error_type: str, reason: str) -> Entry:
    error = {"type": error_type, "reason": reason}
    return {"_index": _backing_index(item.target), "_id": item.id, "status": status, "error": error}
