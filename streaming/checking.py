"""What a stream's settings may be: checked as a person needs it, a sentence beside each field that needs attention."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from streaming import environment
from streaming.destination import Destination, SettingsError, destination
from streaming.encryption import Secret
from streaming.models import Framing, PayloadFormat, Stream
from streaming.transport.addresses import check_address
from streaming.transport.urls import parse_url
from streaming.wire.messages import AddressRefused

NOW, BEGINNING, DATE = "now", "beginning", "date"
RESUME = "resume"
LONGEST_NAME = 100


class SettingsRefused(ValueError):
    """The settings cannot be saved: `errors` has a sentence for each field that needs attention."""

    def __init__(self, errors: dict[str, str]) -> None:
        self.errors = errors
        super().__init__(" ".join(errors.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the form holds. `token` is None for "keep the saved one", `enabled` None for "leave the switch as it is".

    Whatever else is None is kept, too. `entry_filter` is in the form that `filtering` keeps; an empty
    `signing_secret` takes the saved one away. `start_from` counts at the first enabling (`now`, `beginning`, or
    `date` with `start_date`), `catch_up` when a stream is enabled again (`resume`, or `now` to leave out what waits:
    all of it, or up to the sequence `catch_up_through`).
    """

    enabled: bool | None
    destination_kind: str = ""
    url: str = ""
    token: Secret | None = field(default=None, repr=False)
    name: str | None = None
    entry_filter: str | None = None
    payload_format: str | None = None
    framing: str | None = None
    signing_secret: Secret | None = field(default=None, repr=False)
    start_from: str = NOW
    start_date: datetime | None = None
    catch_up: str = RESUME
    catch_up_through: int | None = None


def check(settings: Settings, *, stream: Stream | None) -> Settings:
    """The settings as they will be saved; nothing is looked up in DNS. Raises SettingsRefused."""
    kind = kind_of(settings)
    errors = wrong_url(kind, settings.url) | wrong_name(settings.name) | wrong_format(settings)
    token, signing_secret = settings.token, settings.signing_secret
    try:
        if token is not None:
            token = Secret(kind.check_token(token.reveal()))
        elif needs_token(settings, stream=stream):
            errors["token"] = _why_token(stream)
        if signing_secret is not None:
            signing_secret = Secret(kind.check_signing_secret(signing_secret.reveal()))
    except SettingsError as error:
        errors[error.field] = error.message
    if errors:
        raise SettingsRefused(errors)
    name = None if settings.name is None else settings.name.strip()
    return replace(settings, url=settings.url.strip(), name=name, token=token, signing_secret=signing_secret)


def kind_of(settings: Settings) -> Destination:
    """The kind of destination that is asked for. Raises SettingsRefused."""
    try:
        return destination(settings.destination_kind)
    except LookupError:
        raise SettingsRefused({"destination_kind": "Choose a destination type."}) from None


def wrong_url(kind: Destination, url: str) -> dict[str, str]:
    """Why nothing can be sent to this address; empty where it can."""
    if not url.strip():
        return {"url": "Enter a URL."}
    try:
        check_address(kind.target_url(url)[0], environment.policy())
    except SettingsError as error:
        return {error.field: error.message}
    except AddressRefused as error:
        return {"url": f"{error.reason} {error.hint}".strip()}
    return {}


def wrong_format(settings: Settings) -> dict[str, str]:
    """Why entries cannot be written like this; empty where they can."""
    errors = {}
    if settings.payload_format not in {None, *PayloadFormat.values}:
        errors["payload_format"] = f"Choose one of {', '.join(PayloadFormat.values)}."
    if settings.framing not in {None, *Framing.values}:
        errors["framing"] = f"Choose one of {', '.join(Framing.values)}."
    return errors


def needs_token(settings: Settings, *, stream: Stream | None) -> bool:
    """Whether the saved token may not be used: there is none, or it would go to another host or kind of service."""
    if stream is None or not stream.has_token or stream.destination_kind != settings.destination_kind:
        return True
    saved, wanted = (
        _origin(stream.destination_kind, stream.url),
        _origin(stream.destination_kind, settings.url),
    )
    return saved is None or saved != wanted


def wrong_name(name: str | None) -> dict[str, str]:
    """Why a stream cannot be called this; empty where it can, or where nothing is asked for."""
    if name is None:
        return {}
    if not name.strip():
        return {"name": "Enter a name."}
    if len(name.strip()) > LONGEST_NAME or not name.strip().isprintable():
        return {"name": f"A name has at most {LONGEST_NAME} characters, all of them visible."}
    return {}


def _why_token(stream: Stream | None) -> str:
    if stream is None or not stream.has_token:
        return "Enter a token. It is needed to switch streaming on."
    return "Enter the token again: the saved one is only sent to the host and type that it was entered for."


def _origin(kind: str, url: str) -> tuple[str, int] | None:
    """Host and port that would be called; None for an address that cannot be."""
    try:
        parsed = parse_url(destination(kind).target_url(url)[0])
    except (SettingsError, AddressRefused):
        return None
    return parsed.host, parsed.port
