"""What a kind of destination is: it says what to send and what the answer means. It never sends."""

from __future__ import annotations

import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import ClassVar
from uuid import UUID

from streaming import destinations
from streaming.transport.phases import PhaseResult
from streaming.transport.urls import HttpsUrl, parse_url
from streaming.wire.acks import Ack
from streaming.wire.judging import Exchange, judge_error
from streaming.wire.messages import AddressRefused, Answer, Request, Response, TransportError
from streaming.wire.outcome import Verdict
from streaming.wire.payload import Payload

Send = Callable[[Request], Answer]
"""`Client.send`."""

SMALLEST_GZIP = 1024
"""Bytes of a body below which compression saves nothing."""


class SettingsError(ValueError):
    """What was entered cannot work. `field` is `url`, `token` or `signing_secret`; `message` says what to do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where one stream sends to: `url` from `Destination.target_url()`, `token` from `check_token()`."""

    url: str
    token: str = field(repr=False)
    tenant_slug: str
    channel: UUID
    """Stable for a stream; Splunk needs it when its token asks for acknowledgements."""
    scheme: str = ""
    """Elasticsearch: the authentication scheme that a test found. Empty: taken from the token's form."""
    gzip: bool = True
    """False once the destination has refused compressed bodies."""
    host: str = "auditsite"
    """Name of this installation, as Splunk's `host`."""
    payload_format: str = "native"
    """Generic HTTP: `native`, `ecs` or `ocsf`. The other kinds have one format each."""
    framing: str = "array"
    """Generic HTTP: `array`, `ndjson` or `single`."""
    signing_secret: str = field(default="", repr=False)
    """Generic HTTP: signs each request (Standard Webhooks, `whsec_…`); empty for no signature."""


@dataclass(frozen=True, slots=True)
class HelpLine:
    """One line of "Setting up …" beside the form. Words between backticks are code."""

    term: str
    text: str

    @property
    def parts(self) -> list[tuple[bool, str]]:
        """The text in pieces: `(is it code, piece)`."""
        return [(bool(n % 2), piece) for n, piece in enumerate(self.text.split("`")) if piece]


class Destination(ABC):
    """One kind of destination. Put a subclass into a module of its own in `streaming/destinations/`."""

    kind: ClassVar[str]
    position: ClassVar[int] = 100
    """Its place in the form; equal ones by label."""
    label: ClassVar[str]
    blurb: ClassVar[str]
    url_placeholder: ClassVar[str]
    token_help: ClassVar[str]
    service: ClassVar[str] = "The service"
    """What it is called in a sentence that says what it answered."""
    compresses: ClassVar[bool] = True
    """Whether `encode` asks for gzip, as long as the target takes it."""
    scheme_words: ClassVar[tuple[str, ...]] = ()
    """What people paste before the token, from the header that it goes into."""
    chooses_format: ClassVar[bool] = False
    """Whether people choose the format, the framing and a signing secret."""
    setup_title: ClassVar[str]
    setup: ClassVar[tuple[HelpLine, ...]]
    test_note: ClassVar[str]
    """What Test Connection will send, said beforehand."""
    most_payloads: ClassVar[int]
    most_bytes: ClassVar[int]
    """Of one request's body, before compression."""

    @abstractmethod
    def target_url(self, url: str) -> tuple[str, list[str]]:
        """What people paste → the address that is called, and notes to show them. Raises SettingsError."""

    def check_token(self, token: str) -> str:
        """The token without what gets pasted along with it. Raises SettingsError."""
        return checked_token(token, scheme_words=self.scheme_words)

    def check_signing_secret(self, secret: str) -> str:
        """The secret without what gets pasted along with it; empty for no signature. Raises SettingsError."""
        return secret.strip()

    @abstractmethod
    def encode(self, payloads: Sequence[Payload], target: Target, *, now: datetime) -> Request:
        """The request that carries these payloads; its body is byte for byte the same each time.

        `now` dates a signature, if the target asks for one.
        """

    def judge(self, answer: Answer, *, sent: Sequence[Payload], target: Target, now: datetime) -> Verdict:
        """What the answer to `encode(sent, target)` means. `now` dates a Retry-After that lacks a Date."""
        if isinstance(answer, TransportError):
            return judge_error(answer)
        return self.judge_response(answer, self.exchange(target, sent=len(sent), now=now))

    @abstractmethod
    def judge_response(self, response: Response, exchange: Exchange) -> Verdict:
        """What a response means for the batch."""

    def exchange(self, target: Target, *, sent: int, now: datetime) -> Exchange:
        """What a response to that many payloads is judged by."""
        return Exchange(
            service=self.service, sent=sent, token=target.token, gzip=target.gzip and self.compresses, now=now
        )

    def ack_request(self, target: Target, *, channel: UUID, ack_id: int) -> Request | None:  # noqa: ARG002 - Splunk's
        """The question whether what was taken under this id is safe; None where such a thing cannot be asked."""
        return None

    def read_ack(self, response: Response, ack_id: int) -> Ack:  # noqa: ARG002 - Splunk's
        """What the answer to `ack_request` says of the id."""
        return Ack.UNKNOWN

    @abstractmethod
    def probes(self, target: Target, *, send: Send, now: datetime) -> Iterator[PhaseResult]:
        """The steps `authentication` and `ingest` of Test Connection; stops after one that fails."""

    @abstractmethod
    def size_of(self, payload: Payload, target: Target) -> int:
        """How many bytes the payload adds to a body, rather too many than too few."""

    def most_for(self, target: Target) -> int:  # noqa: ARG002 - some kinds look at it
        """How many payloads one request to this target may carry."""
        return self.most_payloads

    def take(
        self, payloads: Sequence[Payload], target: Target, *, most: int | None = None
    ) -> Sequence[Payload]:
        """As many leading payloads as fit one request, at least one; `most` is the engine's own limit."""
        full = self.most_for(target)
        count = min(len(payloads), full, most or full)
        room = self.most_bytes
        for index in range(count):
            room -= self.size_of(payloads[index], target)
            if room < 0:
                return payloads[: max(index, 1)]
        return payloads[:count]


def pasted_url(url: str) -> HttpsUrl:
    """What was entered as an address, without what gets pasted along with it. Raises SettingsError."""
    try:
        return parse_url(url.translate(_INVISIBLE).strip().strip("\"'<>`“”").strip())
    except AddressRefused as refusal:
        raise SettingsError("url", refusal.reason) from refusal


def checked_token(token: str, *, scheme_words: tuple[str, ...] = ()) -> str:
    """A token that can go into a header. Raises SettingsError."""
    token = token.translate(_INVISIBLE).strip()
    for word in scheme_words:
        if token.lower().startswith(f"{word.lower()} "):
            token = token[len(word) :].strip()
    if not token:
        raise SettingsError("token", "Enter a token. It is needed to switch streaming on.")
    if any(character.isspace() or not character.isprintable() for character in token):
        raise SettingsError("token", "The token must not contain spaces or line breaks.")
    if not token.isascii():
        raise SettingsError(
            "token", "The token must not contain letters with accents or other special characters."
        )
    return token


_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))


@cache
def all_destinations() -> dict[str, Destination]:
    """Every kind, by its name: the folder `streaming/destinations/` is the registry."""
    found = (
        _only_class_of(f"{destinations.__name__}.{m.name}")
        for m in pkgutil.iter_modules(destinations.__path__)
    )
    return {cls.kind: cls() for cls in sorted(found, key=lambda cls: (cls.position, cls.label))}


def destination(kind: str) -> Destination:
    """The destination of this kind. Raises LookupError with the kinds there are."""
    known = all_destinations()
    if kind not in known:
        raise LookupError(f"There is no destination type {kind!r}; choose one of {', '.join(known)}.")
    return known[kind]


def _only_class_of(module_name: str) -> type[Destination]:
    module = importlib.import_module(module_name)
    classes = [
        thing
        for thing in vars(module).values()
        if isinstance(thing, type)
        and issubclass(thing, Destination)
        and thing.__module__.startswith(module_name)
    ]
    if len(classes) != 1:
        raise TypeError(f"{module_name} must define exactly one Destination, it has {len(classes)}.")
    return classes[0]
