"""What is to be recorded, before it has a number: drafts, and the rules that each of them keeps. Pure data.

The limits keep one entry readable on a page and small enough for every destination (delivery.md, HEC and HTTP).
"""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from audit.canonical import LARGEST_INTEGER, canonical_bytes, flat_bytes
from audit.catalog.kinds import Event

ActorType = Literal["user", "service_account", "system"]
Outcome = Literal["success", "failure", "unknown"]

LONGEST_TEXT = 500
LONGEST_DETAILS = 10_000
LARGEST_PARAMETERS = 131_072
MOST_LEVELS = 16
# What any date library, and every zone of a reader, can show.
EARLIEST_YEAR, LATEST_YEAR = 1970, 2999

_SURROGATE = re.compile("[\ud800-\udfff]")
_UNFIT = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a draft: `loc` is a JSON pointer inside it, `msg` says what to do, `type` is a stable code."""

    loc: str
    msg: str
    type: str


class DraftRefused(ValueError):
    """A draft breaks a rule; `problems` names every one."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{problem.loc}: {problem.msg}" for problem in problems))


class Actor(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Who did it: a user by `email`; a service account or the system by `type` and `name`."""

    email: str = ""
    name: str = ""
    type: ActorType = "user"
    id: str = ""

    @property
    def done_by(self) -> str:
        return self.email or self.name


class Place(Struct, frozen=True):
    """The workspace where it happened, as it is called now."""

    id: UUID
    slug: str
    name: str


class Target(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """What it was done to."""

    type: str
    id: str = ""
    name: str = ""


class Context(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Where the request came from."""

    ip: str | None = None
    user_agent: str | None = None
    request_id: str | None = None


class Draft(Struct, frozen=True):
    """An entry before it is recorded. `occurred_at` is aware, or None for "now"."""

    event: Event
    actor: Actor
    workspace: Place | None = None
    parameters: Mapping[str, Any] = {}
    details: str = ""
    target: Target | None = None
    outcome: Outcome = "success"
    context: Context | None = None
    occurred_at: datetime | None = None
    external_id: str | None = None

    def check(self) -> bytes:
        """Raise DraftRefused, with every problem, unless the log can hold this draft as it is.

        Gives the canonical bytes of its parameters.
        """
        if _texts_are_fine(self) and (parameters := _flat_parameters(self.parameters)) is not None:
            return parameters
        problems = list(_problems(self))
        if problems:
            raise DraftRefused(problems)
        return canonical_bytes(self.parameters)


def _texts_are_fine(draft: Draft) -> bool:
    """Whether all but the parameters keeps the rules beyond doubt; where it does not, `_problems` looks closer."""
    actor, target, context, moment = draft.actor, draft.target, draft.context, draft.occurred_at
    texts = [actor.email, actor.name, actor.id]
    if target is not None:
        texts += (target.type, target.id, target.name)
    if context is not None:
        texts += (context.user_agent or "", context.request_id or "")
    if draft.external_id is not None:
        texts.append(draft.external_id or "\0")
    return (
        max(map(len, texts)) <= LONGEST_TEXT
        and len(draft.details) <= LONGEST_DETAILS
        and _UNFIT.search("".join([*texts, draft.details])) is None
        and actor.type == "user"
        and actor.email.split() == [actor.email]
        and "@" in actor.email.strip("@")
        and (moment is None or (moment.tzinfo is not None and EARLIEST_YEAR <= moment.year <= LATEST_YEAR))
        and (context is None or context.ip is None or _is_address(context.ip))
    )


def _flat_parameters(parameters: Mapping[str, Any]) -> bytes | None:
    """The canonical bytes of parameters that keep the rules beyond doubt, as most do."""
    made = flat_bytes(parameters)
    if made is None or len(made) > LARGEST_PARAMETERS or b"\\u0000" in made:
        return None
    return made if len("".join(parameters)) <= LONGEST_TEXT else None


def _problems(draft: Draft) -> Iterator[Problem]:
    yield from _actor(draft.actor)
    yield from _text("/details", draft.details, LONGEST_DETAILS)
    if draft.external_id is not None:
        yield from _text("/external_id", draft.external_id, LONGEST_TEXT)
        if not draft.external_id:
            yield Problem("/external_id", "is empty: leave it out, or give the producer's id", "empty")
    if draft.target is not None:
        for name in ("type", "id", "name"):
            yield from _text(f"/target/{name}", getattr(draft.target, name), LONGEST_TEXT)
    if draft.context is not None:
        yield from _context(draft.context)
    if draft.occurred_at is not None:
        yield from _moment(draft.occurred_at)
    yield from _parameters(draft.parameters)


def _moment(moment: datetime) -> Iterator[Problem]:
    if moment.tzinfo is None:
        yield Problem("/occurred_at", "has no time zone: add Z or an offset", "time_zone_missing")
    elif not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
        sane = f"{EARLIEST_YEAR} and {LATEST_YEAR}"
        yield Problem("/occurred_at", f"lies not between {sane}: look at the clock", "time_out_of_range")


def _actor(actor: Actor) -> Iterator[Problem]:
    for name in ("email", "name", "id"):
        yield from _text(f"/actor/{name}", getattr(actor, name), LONGEST_TEXT)
    if not actor.done_by.strip():
        yield Problem("/actor", "names nobody: give email, or type and name", "actor_missing")
    elif actor.type == "user" and not actor.email:
        yield Problem("/actor/email", "a user is named by e-mail; for others give type", "email_missing")
    elif actor.email and ("@" not in actor.email.strip("@") or any(map(str.isspace, actor.email))):
        yield Problem("/actor/email", "is no e-mail address", "email_invalid")


def _context(context: Context) -> Iterator[Problem]:
    for name, longest in (("user_agent", 2_000), ("request_id", LONGEST_TEXT)):
        yield from _text(f"/context/{name}", getattr(context, name) or "", longest)
    if context.ip is not None and not _is_address(context.ip):
        yield Problem("/context/ip", "is no IPv4 or IPv6 address", "ip_invalid")


@lru_cache(maxsize=10_000)
def _is_address(text: str) -> bool:
    """Whether the column `ip` can hold it: PostgreSQL's inet knows no zones (fe80::1%eth0)."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def _parameters(parameters: Mapping[str, Any]) -> Iterator[Problem]:
    problems = list(_values("/parameters", parameters, 0))
    yield from problems
    if not problems and len(canonical_bytes(parameters)) > LARGEST_PARAMETERS:
        yield Problem("/parameters", f"are larger than {LARGEST_PARAMETERS:,} bytes of JSON", "too_large")


def _values(loc: str, value: object, level: int) -> Iterator[Problem]:
    if level > MOST_LEVELS:
        yield Problem(loc, f"is nested deeper than {MOST_LEVELS} levels", "too_deep")
    elif isinstance(value, str):
        yield from _text(loc, value, LARGEST_PARAMETERS)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            where = f"{loc}/{str(key).replace('~', '~0').replace('/', '~1')}"
            yield from _text(where, key, LONGEST_TEXT)
            yield from _values(where, item, level + 1)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _values(f"{loc}/{index}", item, level + 1)
    else:
        yield from _scalar(loc, value)


def _scalar(loc: str, value: object) -> Iterator[Problem]:
    if isinstance(value, float) and not math.isfinite(value):
        yield Problem(loc, "is not a finite number", "number_invalid")
    elif isinstance(value, int | float) and abs(value) > LARGEST_INTEGER:
        yield Problem(
            loc, "is beyond 2^53-1, where JSON readers lose digits: send it as text", "number_too_large"
        )
    elif value is not None and not isinstance(value, int | float):
        yield Problem(loc, f"is a {type(value).__name__}, which JSON does not have", "type_invalid")


def _text(loc: str, value: str, longest: int) -> Iterator[Problem]:
    if len(value) > longest:
        yield Problem(loc, f"is {len(value):,} characters long; at most {longest:,} are taken", "too_long")
    if "\x00" in value:
        yield Problem(_printable(loc), "holds the character U+0000, which cannot be stored", "nul_character")
    if _SURROGATE.search(value):
        yield Problem(_printable(loc), "holds a lone surrogate, which is not Unicode text", "surrogate")


def _printable(loc: str) -> str:
    return loc.replace("\x00", "\\u0000").encode("utf-8", "backslashreplace").decode()
