"""Where an entry went, as whoever delivers tells it: the log knows no streams, but its pages show what became of it.

The one who delivers registers with `tell_by`, as a receiver does with a signal. Where nobody has, pages show nothing
about delivery, and claim nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from audit.models import AuditEntry, Tenant
from audit.models.entries import EntryQuerySet

Tone = Literal["ok", "warn", "danger", "off"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What became of an entry on one way out.

    `to` names the way, `state` is a word or two, `words` say more. `at` is the moment of what `when` names
    ("Delivered", "Next attempt"); `about`: no more is known than that it was around then. `href` leads those who
    administer the tenant to where something can be done.
    """

    to: str
    state: str
    tone: Tone
    words: str = ""
    when: str = ""
    at: datetime | None = None
    about: bool = False
    href: str = ""


class Teller(Protocol):
    """Who delivers: `asked` adds to the question for an entry whatever `told` needs to know of it."""

    def asked(self, entries: EntryQuerySet) -> EntryQuerySet: ...

    def told(self, entry: AuditEntry, *, tenant: Tenant) -> Sequence[Delivery]: ...


_tellers: list[Teller] = []


def tell_by(teller: Teller) -> None:
    """From now on this one tells, and nobody else."""
    _tellers[:] = [teller]


def asked(entries: EntryQuerySet) -> EntryQuerySet:
    """The same entries, asked for so that `told` can tell of one of them."""
    return _tellers[0].asked(entries) if _tellers else entries


def told(entry: AuditEntry, *, tenant: Tenant) -> Sequence[Delivery]:
    """What became of an entry that was found by `asked`; empty where nothing is delivered anywhere."""
    return _tellers[0].told(entry, tenant=tenant) if _tellers else ()
