"""What Elasticsearch's `_bulk` answers: a status for the request, and one for each item."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import msgspec

from streaming.wire.judging import Exchange, Rule, apply_rule, is_web_page, judge_status, web_page
from streaming.wire.messages import Response
from streaming.wire.outcome import Outcome, Verdict

_BLOCKED = Rule(
    Outcome.RETRY, "The index takes no writes just now (disk full or read-only). It is tried again."
)
_CREDENTIALS = Rule(
    Outcome.HELD_FOR_CREDENTIALS,
    "Check that the whole key was copied, that it has not expired, and that it has create_doc and auto_configure.",
)
_MAY_NOT_WRITE = Rule(
    Outcome.HELD_FOR_CREDENTIALS,
    "Elasticsearch accepted the key, but it may not write. It needs auto_configure and create_doc.",
)
_NO_TARGET = Rule(
    Outcome.HELD_FOR_SETTINGS, "The data stream or index is not there and may not be made. Check the URL."
)
_NOT_BULK = Rule(Outcome.HELD_FOR_SETTINGS, "That is not the Bulk API of Elasticsearch. Check the URL.")
_BAD_NAME = Rule(Outcome.HELD_FOR_SETTINGS, "The name of the index in the URL is not a legal one.")
_CREATE_ONLY = Rule(Outcome.HELD_FOR_SETTINGS, "The target does not take our kind of write.")
_NO_PIPELINE = Rule(
    Outcome.HELD_FOR_SETTINGS,
    "Its index names an ingest pipeline that is not there. Install it (docs/siem.md).",
)
_NO_PIPELINE_REASON = re.compile(r"pipeline with id \[.*\] does not exist")
_CLOSED = Rule(Outcome.HELD_FOR_SETTINGS, "The index is closed. Open it, or enter another one.")
_THROTTLED = Rule(Outcome.THROTTLED, "It has more to do than it can take.")
_AGAIN = Rule(Outcome.RETRY, "It is tried again.")
# Scripts of ingest pipelines fail with 500 for ever, for what one entry says: after ten times it is refused.
_SERVER_ERROR = Rule(Outcome.RETRY, "It is tried again.", MappingProxyType({"reject_after": 10}))
_CONTENT = Rule(Outcome.REJECTED, "It refused what the entry says.")
_AMBIGUOUS = Rule(
    Outcome.RETRY, "It did not answer for each entry. They are sent again; those it has are not doubled."
)
_UNREADABLE = Rule(
    Outcome.RETRY, "That is not what the Bulk API answers.", MappingProxyType({"hold_after": 3})
)
_LONG_ANSWER = Rule(Outcome.SPLIT, "Its answer was too long to be read.")

# Statuses of an item that is in: 409 only where it says that our id is there already.
_CONFLICT = "version_conflict_engine_exception"
_BLOCK = "cluster_block_exception"

_REQUEST: Mapping[int, Rule] = {
    401: _CREDENTIALS,
    403: _MAY_NOT_WRITE,
    404: _NO_TARGET,
    405: _NOT_BULK,
    406: _NOT_BULK,
    408: _THROTTLED,
    415: _NOT_BULK,
}
_ITEM: Mapping[int, Rule] = {
    400: _CONTENT,
    401: _CREDENTIALS,
    403: _MAY_NOT_WRITE,
    404: _NO_TARGET,
    413: _CONTENT,
    429: _THROTTLED,
    500: _SERVER_ERROR,
}


def judge_bulk(response: Response, exchange: Exchange) -> Verdict:
    """What an answer of `_bulk` means for the batch."""
    if response.status == 200:
        return _judge_items(response, exchange)
    kind, reason = read_error(_decoded(response))
    rule = _request_rule(response.status, kind)
    if rule is None:
        return judge_status(response, exchange)
    return apply_rule(
        rule, response, exchange, code=_code(kind, response.status), said=_said(kind, reason, exchange)
    )


def read_error(body: Any) -> tuple[str, str]:
    """Type and reason of an error in Elasticsearch's form; empty where there is none."""
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, str):
        return "", error
    if not isinstance(error, dict):
        return "", ""
    return str(error.get("type", "")), str(error.get("reason", ""))


def _request_rule(status: int, kind: str) -> Rule | None:
    if kind == _BLOCK:
        return _BLOCKED
    if kind == "invalid_index_name_exception":
        return _BAD_NAME
    return _REQUEST.get(status)


def _judge_items(response: Response, exchange: Exchange) -> Verdict:
    if is_web_page(response):
        return web_page(response)
    if response.truncated:
        return apply_rule(_LONG_ANSWER, response, exchange, code="es_long_answer")
    body = _decoded(response)
    items = body.get("items") if isinstance(body, dict) else None
    if not isinstance(items, list):
        return apply_rule(_UNREADABLE, response, exchange, code="es_unreadable")
    if len(items) != exchange.sent:
        return apply_rule(_AMBIGUOUS, response, exchange, code="es_item_count")
    return _first_not_done([_Item(item) for item in items], response, exchange)


class _Item:
    """One item of the answer: `{"create": {"status": 201}}`, whatever the operation is called."""

    def __init__(self, item: Any) -> None:
        inner = next(iter(item.values()), None) if isinstance(item, dict) else None
        self._inner = inner if isinstance(inner, dict) else {}
        status = self._inner.get("status")
        self.status = status if isinstance(status, int) else 0
        self.kind, self.reason = read_error(self._inner)

    @property
    def is_duplicate(self) -> bool:
        return self.status == 409 and self.kind == _CONFLICT

    @property
    def is_done(self) -> bool:
        return self.status in {200, 201} or self.is_duplicate

    @property
    def in_failure_store(self) -> bool:
        return self._inner.get("failure_store") == "used"

    def rule(self) -> Rule:
        if self.kind == _BLOCK:
            return _THROTTLED if self.status == 429 else _BLOCKED
        if self.status == 400 and "op_type of create" in self.reason:
            return _CREATE_ONLY
        if self.status == 400 and _NO_PIPELINE_REASON.match(self.reason):
            return _NO_PIPELINE
        if self.kind == "index_closed_exception":
            return _CLOSED
        return _ITEM.get(self.status, _AGAIN)


def _first_not_done(items: list[_Item], response: Response, exchange: Exchange) -> Verdict:
    """Items are independent, the cursor is not: it moves up to the first that is not in; `create` absorbs the rest."""
    done = next((index for index, item in enumerate(items) if not item.is_done), len(items))
    duplicates = sum(item.is_duplicate for item in items[:done])
    stored = sum(item.in_failure_store for item in items[:done])
    warning = f"Went to the failure store of Elasticsearch: {stored}." if stored else ""
    if done == len(items):
        verdict = apply_rule(Rule(Outcome.DELIVERED, ""), response, exchange, code="es_200")
        return replace(verdict, duplicates=duplicates, warning=warning)
    item = items[done]
    rule = item.rule()
    answer = replace(response, status=item.status)
    verdict = apply_rule(
        rule,
        answer,
        replace(exchange, gzip=False),
        code=_code(item.kind, item.status),
        said=_said(item.kind, item.reason, exchange),
        rejected=done if rule.outcome is Outcome.REJECTED else None,
    )
    return replace(
        verdict, http_status=response.status, delivered=done, duplicates=duplicates, warning=warning
    )


def _decoded(response: Response) -> Any:
    try:
        return msgspec.json.decode(response.body)
    except msgspec.DecodeError:
        return None


def _code(kind: str, status: int) -> str:
    return f"es_{kind}" if kind.replace("_", "").isalnum() and len(kind) < 80 else f"http_{status}"


def _said(kind: str, reason: str, exchange: Exchange) -> str:
    return exchange.show(": ".join(part for part in (kind, reason) if part))
