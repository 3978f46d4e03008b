"""What an answer to a batch means. Pure: an answer in, a verdict out.

The server takes all of a batch or nothing (docs/http-api.md), so an entry that it refuses is picked out by the
place that the answer names; nothing is dropped because of a proxy or a wrong address.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum

OURS = "urn:auditsite:problem:"
# Refusals of the bytes on the road, not of what they say: the same entries may well arrive the next time.
DAMAGED = {"body-cut", "gzip-cut", "gzip-broken", "body-empty"}
LONGEST_PAUSE = 3600.0
LONGEST_REASON = 500


class Meaning(Enum):
    TAKEN = "taken"
    AGAIN = "again"
    HELD = "held"
    SMALLER = "smaller"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The request failed on its way: refused, reset, timed out, a certificate that is not trusted."""

    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """`refused`: what is wrong with the entry at each index. `pause`: seconds that the server asked for."""

    meaning: Meaning
    reason: str = ""
    refused: Mapping[int, str] = field(default_factory=dict)
    pause: float = 0.0


def judge(answer: Answer | NoAnswer, *, size: int, now: datetime) -> Verdict:
    """The meaning of an answer to a batch of `size` entries.

    TAKEN: the server has all of them. AGAIN: try later, without end. HELD: a person has to mend something (the
    key, the address); keep everything, look again now and then. REFUSED: set these entries aside, send the
    others. SMALLER: the batch as a whole is refused for what is in it; halve it to find which entry it is.
    """
    if isinstance(answer, NoAnswer):
        return Verdict(Meaning.AGAIN, answer.reason)
    document = _document(answer.body)
    reason = _reason(answer, document)
    if 200 <= answer.status < 300:
        return _success(document, size, reason)
    if answer.status in {408, 425, 429} or answer.status >= 500:
        return Verdict(Meaning.AGAIN, reason, pause=_retry_after(answer.headers.get("retry-after"), now))
    if answer.status == 413:
        return Verdict(Meaning.SMALLER, reason)
    return _refusal(answer.status, document, size, reason)


def _refusal(status: int, document: Mapping[str, object], size: int, reason: str) -> Verdict:
    """Only Auditsite's own problem documents speak about entries; anything else is a wrong address or key."""
    code = str(document.get("type", ""))
    if not code.startswith(OURS) or status not in {400, 422}:
        return Verdict(Meaning.HELD, reason)
    if code.removeprefix(OURS) in DAMAGED:
        return Verdict(Meaning.AGAIN, reason)
    refused = _refused(document, size)
    return Verdict(Meaning.REFUSED, reason, refused) if refused else Verdict(Meaning.SMALLER, reason)


def _success(document: Mapping[str, object], size: int, reason: str) -> Verdict:
    """Believed only where the counts say so: a proxy's page with status 200 has recorded nothing."""
    accepted, duplicates = document.get("accepted"), document.get("duplicates")
    if isinstance(accepted, int) and isinstance(duplicates, int) and accepted + duplicates == size:
        return Verdict(Meaning.TAKEN)
    return Verdict(Meaning.HELD, f"{reason}: not an answer of Auditsite; is the address right?")


def _refused(document: Mapping[str, object], size: int) -> dict[int, str]:
    """The mistakes by the index of their entry, several of one entry in one text."""
    found: dict[int, str] = {}
    errors = document.get("errors")
    for error in errors if isinstance(errors, list) else []:
        loc, msg = (
            (str(error.get(name, "")) for name in ("loc", "msg")) if isinstance(error, dict) else ("", "")
        )
        if (place := re.match(r"/(\d{1,9})(?=/|$)", loc)) and int(place[1]) < size:
            index, text = int(place[1]), f"{loc[place.end() :] or 'the entry'} {msg}"
            found[index] = f"{found[index]}; {text}" if index in found else text
    return found


def _document(body: bytes) -> Mapping[str, object]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _reason(answer: Answer, document: Mapping[str, object]) -> str:
    said = (
        document.get("detail") or answer.headers.get("location") or answer.body[:200].decode(errors="replace")
    )
    return f"{answer.status} {said}".strip()[:LONGEST_REASON]


def _retry_after(header: str | None, now: datetime) -> float:
    """Seconds, from a number or a date (RFC 9110, 10.2.3); 0 where it is neither."""
    if not header:
        return 0.0
    try:
        seconds = float(header) if header.strip().isdigit() else (_date(header) - now).total_seconds()
    except ValueError:
        return 0.0
    return min(max(seconds, 0.0), LONGEST_PAUSE)


def _date(header: str) -> datetime:
    moment = parsedate_to_datetime(header)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
