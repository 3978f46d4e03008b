"""What the status line of an answer, or no answer at all, means to any destination.

Destinations whose answers say more look into the body first and come here for the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from streaming.wire.backoff import LONGEST_RETRY_AFTER, parse_retry_after
from streaming.wire.messages import Response, TransportError
from streaming.wire.outcome import Outcome, Verdict
from streaming.wire.redaction import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What was sent, as far as its answer's meaning depends on it."""

    service: str
    """The destination in a sentence: "Splunk", "Elasticsearch", "The service"."""
    sent: int
    token: str = field(repr=False)
    now: datetime
    gzip: bool = False

    def show(self, text: object) -> str:
        return shown(text, token=self.token)


@dataclass(frozen=True, slots=True)
class Rule:
    """What one status means. `says` continues the sentence "… answered 404"."""

    outcome: Outcome
    says: str
    more: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


_THRICE = MappingProxyType({"hold_after": 3})
_WARN = MappingProxyType({"warning": "The service took the entries with an unusual status."})
_BAD_ADDRESS = Rule(Outcome.HELD_FOR_SETTINGS, "Check the URL: this address does not take entries.")
_AGAIN = Rule(Outcome.RETRY, "It is tried again.")
_UNEXPECTED = Rule(Outcome.RETRY, "That is not an answer that an intake gives.", _THRICE)
_CONTENT = Rule(Outcome.REJECTED, "It refused what an entry says.")
_TOO_LARGE = Rule(Outcome.SPLIT, "The batch is too large for it.")
_NOT_ACCEPTED = Rule(
    Outcome.HELD_FOR_CREDENTIALS,
    "The token was not accepted. Check that the whole of it was copied, that it is enabled, and that it may write.",
)
# Likely gone for good; yet what is put back is found again.
_GONE = Rule(
    Outcome.HELD_FOR_SETTINGS,
    "It says that this address is gone for good. Enter the new one.",
    MappingProxyType({"retry_after": LONGEST_RETRY_AFTER}),
)
_NEVER = Rule(
    Outcome.HELD_FOR_SETTINGS, "It does not do what was asked. Check the URL and what stands there."
)

STATUSES: Mapping[int, Rule] = {
    **dict.fromkeys((200, 201, 202, 203, 204), Rule(Outcome.DELIVERED, "")),
    **dict.fromkeys((205, 206, 208, 226), Rule(Outcome.DELIVERED, "", _WARN)),
    207: Rule(Outcome.RETRY, "It seems to have taken a part only, which is not in the contract.", _THRICE),
    **dict.fromkeys((400, 422), _CONTENT),
    **dict.fromkeys((401, 403), _NOT_ACCEPTED),
    402: Rule(Outcome.HELD_FOR_SETTINGS, "It asks for payment. Check the account there."),
    **dict.fromkeys((404, 405, 406, 411, 421, 426, 451), _BAD_ADDRESS),
    407: Rule(Outcome.HELD_FOR_CREDENTIALS, "A proxy before it asks for a sign-in of its own."),
    408: _AGAIN,
    409: Rule(Outcome.RETRY, "It sees a conflict.", _THRICE),
    410: _GONE,
    **dict.fromkeys((413, 414, 431), _TOO_LARGE),
    415: Rule(
        Outcome.HELD_FOR_SETTINGS,
        "It does not take this type of content. Check the format and what the service expects.",
    ),
    **dict.fromkeys((423, 424, 425), _AGAIN),
    429: Rule(Outcome.THROTTLED, "It asks us to slow down."),
    **dict.fromkeys((501, 505), _NEVER),
}


def judge_status(response: Response, exchange: Exchange) -> Verdict:
    """The meaning of a status, for the whole batch."""
    if 200 <= response.status < 300 and is_web_page(response):
        return web_page(response)
    if 300 <= response.status < 400:
        return _redirect(response, exchange)
    rule = STATUSES.get(response.status) or _by_hundreds(response.status)
    return apply_rule(rule, response, exchange, code=f"http_{response.status}")


def apply_rule(
    rule: Rule,
    response: Response,
    exchange: Exchange,
    *,
    code: str,
    said: str = "",
    rejected: int | None = None,
) -> Verdict:
    """The verdict of a rule for this answer; `said` is what the service itself said, fit to be shown."""
    quote = f" (“{said}”)" if said else ""
    verdict = Verdict(
        outcome=rule.outcome,
        code=code,
        reason=f"{exchange.service} answered {response.status}{quote}. {rule.says}".strip(),
        http_status=response.status,
        rejected=rejected,
        **{"retry_after": retry_after(response, exchange), **rule.more},
    )
    return _settled(verdict, response, exchange)


def _settled(verdict: Verdict, response: Response, exchange: Exchange) -> Verdict:
    """The verdict, with what follows from the size of the batch and from its encoding."""
    refused = verdict.outcome is Outcome.REJECTED and response.status == 400
    if exchange.gzip and (refused or response.status == 415):
        reason = f"{exchange.service} answered {response.status} to a compressed request; it goes on without."
        return replace(verdict, outcome=Outcome.RETRY, go_plain=True, reason=reason, rejected=None)
    if verdict.outcome is Outcome.DELIVERED:
        return replace(verdict, delivered=exchange.sent, retry_after=None)
    if verdict.outcome is Outcome.SPLIT and response.status == 413 and verdict.retry_after is not None:
        return replace(verdict, outcome=Outcome.RETRY)
    if verdict.outcome is Outcome.SPLIT and exchange.sent <= 1:
        reason = f"{verdict.reason} The entry can't be made smaller."
        return replace(verdict, outcome=Outcome.REJECTED, rejected=0, reason=reason)
    if verdict.outcome is Outcome.REJECTED and exchange.sent == 1:
        return replace(verdict, rejected=0)
    return verdict


def _by_hundreds(status: int) -> Rule:
    if 500 <= status < 600 or 100 <= status < 200:
        return _AGAIN
    return _UNEXPECTED


def _redirect(response: Response, exchange: Exchange) -> Verdict:
    where = urlsplit(response.headers.get("location", "")).hostname or "another address"
    return Verdict(
        outcome=Outcome.HELD_FOR_SETTINGS,
        code="unexpected_redirect",
        reason=f"{exchange.service} answered {response.status} and points to {exchange.show(where)}. Redirects are "
        "not followed: enter the final address.",
        http_status=response.status,
    )


def is_web_page(response: Response) -> bool:
    """Whether the answer is HTML: a sign-in page, a proxy's notice, a user interface."""
    kind = response.headers.get("content-type", "").lower()
    start = response.body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return "html" in kind or start.startswith((b"<!doctype", b"<html"))


def web_page(response: Response) -> Verdict:
    """A page for people is never a receipt, whatever its status."""
    return Verdict(
        outcome=Outcome.HELD_FOR_SETTINGS,
        code="html_200",
        reason=f"The address answered {response.status} with a web page, so nothing was delivered. It leads to a user "
        "interface or a sign-in page. Enter the address of the intake.",
        http_status=response.status,
    )


def retry_after(response: Response, exchange: Exchange) -> timedelta | None:
    """The wait that the answer asks for."""
    headers = response.headers
    return parse_retry_after(headers.get("retry-after"), now=exchange.now, date=headers.get("date"))


# What only a person can mend. The rest passes by itself.
_SETTINGS = frozenset(
    {
        "url_invalid",
        "url_not_https",
        "addr_forbidden",
        "dns_nxdomain",
        "not_tls",
        "tls_expired",
        "tls_not_yet_valid",
    }
    | {"tls_hostname", "tls_untrusted", "tls_selfsigned", "tls_version", "header_invalid"}
)


def judge_error(error: TransportError) -> Verdict:
    """The meaning of no answer: a matter of settings, or of time. What was sent may or may not be in."""
    outcome = Outcome.HELD_FOR_SETTINGS if error.code in _SETTINGS else Outcome.RETRY
    return Verdict(outcome=outcome, code=error.code, reason=f"{error.reason} {error.hint}".strip())
