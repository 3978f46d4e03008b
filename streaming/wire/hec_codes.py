"""What Splunk's HTTP Event Collector answers, and what each of its codes means.

A status says little here: 400 is a bad token, a bad entry or a wrong index; the `code` in the body tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import msgspec

from streaming.wire.judging import Exchange, Rule, apply_rule, is_web_page, judge_status, web_page
from streaming.wire.messages import Response
from streaming.wire.outcome import Outcome, Verdict

REJECTED = (
    "Splunk rejected the token. Check that the whole value was copied, that the token is enabled in Splunk, and that "
    "HEC is switched on under Global Settings."
)
_BAD_TOKEN = Rule(Outcome.HELD_FOR_CREDENTIALS, REJECTED)
_BUSY = Rule(Outcome.RETRY, "It is busy. It is tried again.")
_NEAR_LIMIT = Rule(Outcome.DELIVERED, "", MappingProxyType({"slow_down": True}))
_BAD_ENTRY = Rule(Outcome.REJECTED, "It refused an entry for its content.")
_CHANNEL = Rule(
    Outcome.HELD_FOR_SETTINGS,
    "The channel that we send did not arrive. Let the proxies before Splunk pass X-Splunk-Request-Channel, or use a "
    "token without indexer acknowledgement.",
)

RULES: Mapping[int, Rule] = {
    0: Rule(Outcome.DELIVERED, ""),
    1: _BAD_TOKEN,
    2: _BAD_TOKEN,
    3: _BAD_TOKEN,
    4: _BAD_TOKEN,
    5: Rule(Outcome.SPLIT, "It found no data in the request, although there was some."),
    6: _BAD_ENTRY,
    7: Rule(
        Outcome.HELD_FOR_SETTINGS,
        "The token's index does not exist or is not among its allowed indexes. Check the token in Splunk.",
    ),
    8: Rule(Outcome.RETRY, "It had an internal error. It is tried again."),
    9: _BUSY,
    10: _CHANNEL,
    11: Rule(
        Outcome.RETRY,
        "It does not take the channel; another is used.",
        MappingProxyType({"new_channel": True, "hold_after": 2}),
    ),
    12: _BAD_ENTRY,
    13: _BAD_ENTRY,
    14: Rule(
        Outcome.RETRY,
        "It speaks of acknowledgements that were not asked for.",
        MappingProxyType({"hold_after": 3}),
    ),
    15: _BAD_ENTRY,
    16: Rule(Outcome.HELD_FOR_SETTINGS, "Remove the token from the URL; it belongs in the field below."),
    17: Rule(Outcome.HELD_FOR_SETTINGS, "That is its health check, which takes no entries. Check the URL."),
    18: _BUSY,
    19: _BUSY,
    20: _BUSY,
    21: _BAD_TOKEN,
    22: _BAD_TOKEN,
    23: Rule(Outcome.RETRY, "It is shutting down. It is tried again."),
    24: _NEAR_LIMIT,
    25: _NEAR_LIMIT,
    26: Rule(Outcome.THROTTLED, "Its queue is full."),
    27: Rule(
        Outcome.THROTTLED, "Its acknowledgement channel is full.", MappingProxyType({"new_channel": True})
    ),
    28: _CHANNEL,
}

_NOT_HEC = Rule(Outcome.HELD_FOR_SETTINGS, "Splunk HEC listens at /services/collector/event.")
_UNCONFIRMED = Rule(Outcome.HELD_FOR_SETTINGS, "Check that the URL leads to HEC.")
_UNKNOWN = Rule(Outcome.RETRY, "That code is not known.", MappingProxyType({"hold_after": 3}))


@dataclass(frozen=True, slots=True, kw_only=True)
class HecAnswer:
    """The known keys of a HEC body. `code` is None where there is none."""

    code: int | None
    text: str = ""
    invalid_event: int | None = None
    is_json: bool = True
    ack_id: int | None = None


def read_answer(response: Response) -> HecAnswer:
    """The body's known keys; receivers that only speak like HEC may leave out any of them."""
    try:
        body = msgspec.json.decode(response.body)
    except msgspec.DecodeError:
        return HecAnswer(code=None, is_json=False)
    if not isinstance(body, dict):
        return HecAnswer(code=None, is_json=body == "OK")
    return HecAnswer(
        code=_whole(body.get("code")),
        text=str(body.get("text", "")),
        invalid_event=_whole(body.get("invalid-event-number")),
        ack_id=_whole(body.get("ackId")),
    )


def judge_hec(response: Response, exchange: Exchange) -> Verdict:
    """What an answer of the event endpoint means for the batch."""
    answer = read_answer(response)
    rule = RULES.get(answer.code) if answer.code is not None else None
    if rule is not None and (rule.outcome is not Outcome.DELIVERED or 200 <= response.status < 300):
        # A body with a code was read, so it is not the compression that was refused.
        plain = replace(exchange, gzip=False)
        said = exchange.show(answer.text)
        verdict = apply_rule(rule, response, plain, code=f"hec_{answer.code}", said=said)
        # An id comes with a refusal, too, for what stands before the entry that was refused.
        return replace(_placed(verdict, answer, exchange), ack_id=answer.ack_id)
    if 200 <= response.status < 300:
        return _accepted_without_code(response, answer, exchange)
    if response.status in {404, 405}:
        address = replace(exchange, service="The address")
        return apply_rule(_NOT_HEC, response, address, code=f"http_{response.status}")
    return judge_status(response, exchange)


def _placed(verdict: Verdict, answer: HecAnswer, exchange: Exchange) -> Verdict:
    """The verdict with its place in the batch: what stands before the invalid entry is indexed, it and the rest not.

    With a wrong index the number names the entry after the bad one. A busy Splunk (9) names one too, but has taken
    nothing for certain.
    """
    place = answer.invalid_event
    known = place is not None and 0 <= place < exchange.sent
    if verdict.outcome is Outcome.HELD_FOR_SETTINGS and answer.code == 7 and place is not None:
        return replace(verdict, delivered=min(max(place - 1, 0), exchange.sent - 1))
    if verdict.outcome is not Outcome.REJECTED or exchange.sent == 1:
        return verdict
    if known and (place or answer.code != 6):
        return replace(verdict, delivered=place or 0, rejected=place)
    # Splunk Cloud says 6 and names entry 0 when the whole body is too large: smaller batches tell.
    return replace(verdict, outcome=Outcome.SPLIT, rejected=None)


def _accepted_without_code(response: Response, answer: HecAnswer, exchange: Exchange) -> Verdict:
    if is_web_page(response):
        return web_page(response)
    # "Partly", "already" and "a part of it" confirm nothing.
    if not answer.is_json or response.status > 204:
        verdict = apply_rule(_UNCONFIRMED, response, exchange, code="hec_unconfirmed")
        what = "the event" if exchange.sent <= 1 else "the events"
        said = (
            f"{exchange.service} answered {response.status} but did not confirm {what}. {_UNCONFIRMED.says}"
        )
        return replace(verdict, reason=said)
    if answer.code is not None:
        return apply_rule(
            _UNKNOWN, response, exchange, code=f"hec_{answer.code}", said=exchange.show(answer.text)
        )
    return apply_rule(RULES[0], response, exchange, code="hec_0")


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
