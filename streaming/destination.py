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
from streaming.transport.messages import Answer, Request
from streaming.transport.phases import PhaseResult
from streaming.wire.outcome import Verdict
from streaming.wire.payload import Payload

Send = Callable[[Request], Answer]


class SettingsError(ValueError):
    """What was entered cannot work. `field` is `url` or `token`; `message` says what to do."""

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
    label: ClassVar[str]
    blurb: ClassVar[str]
    url_placeholder: ClassVar[str]
    token_help: ClassVar[str]
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

    @abstractmethod
    def check_token(self, token: str) -> str:
        """The token without what gets pasted along with it. Raises SettingsError."""

    @abstractmethod
    def encode(self, payloads: Sequence[Payload], target: Target) -> Request:
        """The request that carries these payloads, byte for byte the same each time."""

    @abstractmethod
    def judge(self, answer: Answer, *, sent: Sequence[Payload], target: Target, now: datetime) -> Verdict:
        """What the answer to `encode(sent, target)` means. `now` dates a Retry-After that lacks a Date."""

    @abstractmethod
    def probes(self, target: Target, *, send: Send, now: datetime) -> Iterator[PhaseResult]:
        """The steps `authentication` and `ingest` of Test Connection; stops after one that fails."""

    @abstractmethod
    def size_of(self, payload: Payload) -> int:
        """At most how many bytes the payload adds to a body."""

    def take(self, payloads: Sequence[Payload], *, most: int | None = None) -> Sequence[Payload]:
        """As many leading payloads as fit one request, at least one; `most` is the engine's own limit."""
        count = min(len(payloads), self.most_payloads, most or self.most_payloads)
        room = self.most_bytes
        for index in range(count):
            room -= self.size_of(payloads[index])
            if room < 0:
                return payloads[: max(index, 1)]
        return payloads[:count]


@cache
def all_destinations() -> dict[str, Destination]:
    """Every kind, by its name: the folder `streaming/destinations/` is the registry."""
    found = (
        _only_class_of(f"{destinations.__name__}.{m.name}")
        for m in pkgutil.iter_modules(destinations.__path__)
    )
    return {cls.kind: cls() for cls in sorted(found, key=lambda cls: cls.label != "Splunk HEC")}


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
