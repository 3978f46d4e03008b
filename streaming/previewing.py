"""What a stream with these settings would have sent: counted over the last days, and the last few as on the wire.

Nothing is sent. The token is used for the form of its header only, and stands in no preview.
"""

from __future__ import annotations

import base64
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from json import JSONDecodeError, JSONDecoder
from uuid import uuid4

import msgspec

from audit import queries
from audit.models import AuditEntry, Tenant
from audit.models.entries import EntryQuerySet
from audit.queries import Total
from streaming.checking import Settings, SettingsRefused, kind_of, needs_token, wrong_format, wrong_url
from streaming.coverage import DAYS
from streaming.destination import SettingsError, Target
from streaming.encryption import TokenUnreadable
from streaming.filtering import FilterUnusable, taken
from streaming.models import Framing, PayloadFormat, Stream
from streaming.tokens import token_of
from streaming.wire.messages import Request
from streaming.wire.payload import Payload
from streaming.wire.sample import marked_entry

SHOWN = 5
SECONDS = 3
SHORT = 120
"""A document of at most so many characters is shown on one line, as Elasticsearch's operations are."""
HIDDEN = "••••••••"
_SECRET_HEADERS = frozenset({"authorization", "webhook-signature"})
_PLACEHOLDER = "token"
# Signs in place of the real one: the header is shown, its value is not.
_NO_SECRET = "whsec_" + base64.b64encode(bytes(32)).decode()
LONGEST = 20_000
CUT = " … (cut here; the exact bytes can be downloaded)"


@dataclass(frozen=True, slots=True)
class Shown:
    """One request: its parts without secrets, its body for people, and as it is."""

    method: str
    url: str
    headers: list[tuple[str, str]]
    lines: list[str]
    body: bytes
    compressed: bool

    @property
    def exact(self) -> str:
        """The body as text, cut where it is long."""
        text = self.body.decode("utf-8", "replace")
        return text if len(text) <= LONGEST else text[:LONGEST] + CUT


@dataclass(frozen=True, slots=True)
class Preview:
    """`taken` of `recorded` entries of the last DAYS days would have gone; `requests` have the last `entries` of them.

    `is_sample`: there was none, and a marked entry stands in its place. `too_slow`: looking for them took too long.
    """

    taken: Total
    recorded: Total
    requests: list[Shown]
    entries: int
    is_sample: bool
    too_slow: bool
    narrowed: bool

    @property
    def sentence(self) -> str:
        """How many entries would have gone, and no more certain than the counts are."""
        lately = f"of the last {DAYS} days"
        if self.recorded.number == 0:
            return f"No entry {lately} is in the log."
        if not self.narrowed:
            return f"All entries {lately} would have gone: {_words(self.recorded)}."
        if self.taken.number is None:
            return f"How many entries {lately} would have gone could not be counted within a second."
        return (
            f"{_words(self.taken).capitalize()} of {_words(self.recorded)} entries {lately} would have gone."
        )

    @property
    def body(self) -> bytes:
        """The exact bytes of all bodies, one after the other."""
        return b"".join(request.body for request in self.requests)


def preview(*, tenant: Tenant, settings: Settings, stream: Stream | None, now: datetime) -> Preview:
    """What these settings would do, saved or not; a token need not be there yet. Raises SettingsRefused."""
    target = _target(tenant, settings, stream)
    lately = AuditEntry.objects.of(tenant).filter(occurred_at__gte=now - timedelta(days=DAYS))
    try:
        entries = taken(settings.entry_filter or "", lately, tenant=tenant)
    except FilterUnusable as error:
        raise SettingsRefused({"entry_filter": str(error)}) from None
    recorded, going = queries.total(lately), queries.total(entries)
    payloads, too_slow = _newest(entries)
    sample = marked_entry(entry_id=uuid4(), tenant_slug=tenant.slug, now=now)
    requests = _requests(payloads or [sample], settings, target, now=now)
    return Preview(
        taken=going,
        recorded=recorded,
        requests=requests,
        entries=len(payloads),
        is_sample=not payloads,
        too_slow=too_slow,
        narrowed=bool(settings.entry_filter),
    )


def _newest(entries: EntryQuerySet) -> tuple[list[Payload], bool]:
    try:
        with queries.time_limit(seconds=SECONDS):
            rows = queries.page(entries, limit=SHOWN).entries
    except queries.TookTooLong:
        return [], True
    return [_payload(row) for row in sorted(rows, key=lambda row: row.sequence)], False


def _payload(row: AuditEntry) -> Payload:
    return Payload(
        id=row.pk,
        sequence=row.sequence,
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
        body=bytes(row.body),
    )


def _target(tenant: Tenant, settings: Settings, stream: Stream | None) -> Target:
    kind = kind_of(settings)
    errors = wrong_url(kind, settings.url) | wrong_format(settings)
    token = _PLACEHOLDER
    try:
        token = kind.check_token(_token(settings, stream))
    except SettingsError as error:
        errors[error.field] = error.message
    if errors:
        raise SettingsRefused(errors)
    return Target(
        url=kind.target_url(settings.url)[0],
        token=token,
        tenant_slug=tenant.slug,
        channel=stream.channel if stream else uuid4(),
        scheme=stream.scheme if stream and settings.token is None else "",
        host=socket.gethostname(),
        payload_format=settings.payload_format or (stream.payload_format if stream else PayloadFormat.NATIVE),
        framing=settings.framing or (stream.framing if stream else Framing.ARRAY),
        signing_secret=_NO_SECRET if _signs(settings, stream) else "",
    )


def _signs(settings: Settings, stream: Stream | None) -> bool:
    if settings.signing_secret is not None:
        return bool(settings.signing_secret.reveal())
    return stream is not None and stream.signing_secret_encrypted is not None


def _token(settings: Settings, stream: Stream | None) -> str:
    if settings.token is not None:
        return settings.token.reveal()
    if stream is None or needs_token(settings, stream=stream):
        return _PLACEHOLDER
    try:
        return token_of(stream).reveal()
    except TokenUnreadable:
        return _PLACEHOLDER


def _requests(
    payloads: Sequence[Payload], settings: Settings, target: Target, *, now: datetime
) -> list[Shown]:
    kind, made = kind_of(settings), []
    while payloads:
        batch = kind.take(payloads, target)
        made.append(_shown(kind.encode(batch, target, now=now)))
        payloads = payloads[len(batch) :]
    return made


def _shown(request: Request) -> Shown:
    body = bytes(request.body)
    headers = [(name, _redacted(name, value)) for name, value in request.headers.items()]
    lines = [line for document in _documents(body) for line in document.split("\n")]
    return Shown(request.method, request.url, headers, lines, body, request.gzip)


def _words(total: Total) -> str:
    if total.number is None:
        return "more than could be counted"
    return f"more than {total.number:,}" if total.capped else f"{total.number:,}"


def _redacted(name: str, value: str) -> str:
    if name.lower() not in _SECRET_HEADERS:
        return value
    scheme, blank, rest = value.partition(" ")
    return f"{scheme} {HIDDEN}" if blank and rest else HIDDEN


def _documents(body: bytes) -> Iterator[str]:
    """The JSON documents of a body one by one, indented; what is no JSON as it is."""
    text, place = body.decode("utf-8", "replace"), 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        try:
            _, end = JSONDecoder().raw_decode(text, place)
        except JSONDecodeError:
            yield text[place:]
            return
        document = text[place:end]
        pretty = document if len(document) <= SHORT else msgspec.json.format(document, indent=2)
        yield pretty if len(pretty) <= LONGEST else pretty[:LONGEST] + CUT
        place = end
