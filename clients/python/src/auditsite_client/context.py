"""Who acts, from where, in which request: known at the edge of a service, wanted wherever it records."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import asdict, dataclass, replace

# An e-mail address, or what the API takes: {"type": "service_account", "name": "Importer"}.
Actor = str | Mapping[str, str]

# The API's own limits (docs/http-api.md); what is longer is cut, since a header must not cost an entry.
LONGEST_USER_AGENT = 2_000
LONGEST_REQUEST_ID = 500


@dataclass(frozen=True, slots=True)
class Context:
    """What `record()` fills in where the call does not say otherwise.

    `actor` may be a function: it is asked when an entry is recorded, so that a person who signs in during a
    request is the actor of what follows.
    """

    actor: Actor | Callable[[], Actor | None] | None = None
    ip: str | None = None
    user_agent: str | None = None
    request_id: str | None = None

    def who(self) -> Actor | None:
        return self.actor() if callable(self.actor) else self.actor

    def request(self) -> dict[str, str]:
        """The entry's `context`: an address that is none is left out, the rest is kept within the limits."""
        found = {
            "ip": _address(self.ip),
            "user_agent": self.user_agent and self.user_agent[:LONGEST_USER_AGENT],
            "request_id": self.request_id and self.request_id[:LONGEST_REQUEST_ID],
        }
        return {name: value for name, value in found.items() if value}

    def packed(self) -> dict[str, object]:
        """As JSON can carry it into another process; the actor's function has been asked."""
        return {name: value for name, value in asdict(replace(self, actor=self.who())).items() if value}


_current: ContextVar[Context] = ContextVar("auditsite_context", default=Context())  # noqa: B039 - frozen


def current() -> Context:
    return _current.get()


def enter(context: Context) -> Token[Context]:
    """Make it the current one until `leave()`; where a `with` fits, use `acting()`."""
    return _current.set(context)


def leave(token: Token[Context]) -> None:
    _current.reset(token)


@contextmanager
def acting(context: Context) -> Iterator[None]:
    """For the block: what `context` names takes the place of what was current, the rest stays."""
    given = {name: value for name in Context.__slots__ if (value := getattr(context, name)) is not None}
    token = enter(replace(current(), **given))
    try:
        yield
    finally:
        leave(token)


def unpacked(packed: Mapping[str, object]) -> Context:
    """What `Context.packed()` made; keys that are not known here are left out."""
    return Context(**{name: packed[name] for name in Context.__slots__ if name in packed})  # type: ignore[arg-type] # as packed


def _address(text: str | None) -> str | None:
    try:
        return str(ipaddress.ip_address(text.strip())) if text else None
    except ValueError:
        return None
