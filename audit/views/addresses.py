"""Addresses of the log: the present one with something added or taken away, so that a link keeps all the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.http import QueryDict

from audit.filters import TECHNICAL
from audit.filters.entries import NOT, PARAMETER, PARAMETER_KEY, PARAMETER_VALUE
from audit.filters.fields import LONGEST_VALUE
from audit.filters.typed import SEARCH

Pairs = tuple[tuple[str, str], ...]
Split = Callable[[str], tuple[str, list[tuple[str, str]]]]
PERIOD = ("range", "from", "to")
ONCE = frozenset({*PERIOD, "details", NOT + "details"})
"""Filters with one value: what is typed takes the place of what was there."""
VIEW, LIVE = "view", "live"
ALL_ACTIVITY = "all"
"""The view that nobody saved: all entries, also where the log opens with another."""
KEPT = frozenset({VIEW, LIVE})
"""Names that say how the log is read, not what is found: they stay whatever is filtered."""

RELATION = "relation."
"""Before a filter's name in a form: `not` turns the values beside it into ones that are left out."""
FIND = "find."
ASIDE = frozenset({"month", "pick"})
"""Fields of menus that ask for something to choose from, and not for entries; FIND stands before a menu's name."""

SINCE = "since"
"""Marks the entries after this sequence as new; said once, in no link."""


@dataclass(frozen=True)
class Address:
    """A path and the names and values behind it, in order. Every method gives a new address; `str` is the text.

    `kept` has the names of KEPT: part of the text, never of what is asked.
    """

    path: str
    pairs: Pairs = field(default=())
    kept: Pairs = field(default=())

    def __str__(self) -> str:
        pairs = (*self._kept_here(), *self.pairs)
        return f"{self.path}?{urlencode(pairs)}" if pairs else self.path

    def _kept_here(self) -> Pairs:
        # A saved view all of whose filters were taken away: that is all activity, not the view anew.
        if self.view and not self.filters.pairs:
            return self.keeping(VIEW, ALL_ACTIVITY).kept
        return self.kept

    @property
    def query(self) -> str:
        return urlencode(self.pairs)

    def without(self, *names: str, value: str | None = None) -> Address:
        """Without these names, or only without this value of them."""
        kept = (
            pair for pair in self.pairs if pair[0] not in names or (value is not None and pair[1] != value)
        )
        return replace(self, pairs=tuple(kept))

    def plus(self, name: str, value: str) -> Address:
        """With this value beside those that the name has."""
        pair = (name, value)
        return self if pair in self.pairs else replace(self, pairs=(*self.pairs, pair))

    def turned(self, name: str, value: str) -> Address:
        """With this value left out where it was asked for, and the other way round, in its place."""
        other = name.removeprefix(NOT) if name.startswith(NOT) else NOT + name
        pairs = ((other, value) if pair == (name, value) else pair for pair in self.pairs)
        return replace(self, pairs=tuple(dict.fromkeys(pairs)))

    def having(self, name: str, value: str) -> Address:
        """With this as the name's only value."""
        return self.without(name).plus(name, value)

    @property
    def filters(self) -> Address:
        """The filters alone: the newest page of what they find, nothing opened."""
        return self.without(*TECHNICAL)

    @property
    def view(self) -> str:
        return dict(self.kept).get(VIEW, "")

    @property
    def live(self) -> bool:
        return LIVE in dict(self.kept)

    def keeping(self, name: str, value: str) -> Address:
        """With this value of a name of KEPT; an empty one takes it away."""
        others = (pair for pair in self.kept if pair[0] != name)
        return replace(self, kept=(*others, (name, value)) if value else tuple(others))


def _with_parameter(address: Address) -> Address:
    """The fields of a condition on a parameter, as the filters that they mean."""
    key = dict(address.pairs).get(PARAMETER_KEY)
    values = [value for name, value in address.pairs if name == PARAMETER_VALUE]
    if not key:
        return address
    found = address.without(PARAMETER_KEY, PARAMETER_VALUE)
    turned = (RELATION + PARAMETER_KEY, "not") in address.pairs
    for value in values:
        found = found.plus(f"{NOT if turned else ''}{PARAMETER}{key}", value)
    return found


def _related(address: Address) -> Address:
    """With "is not" beside a field as the name of the filter that leaves out."""
    turned = {
        name.removeprefix(RELATION)
        for name, value in address.pairs
        if name.startswith(RELATION) and value == "not"
    }
    pairs = (
        (NOT + name if name in turned else name, value)
        for name, value in address.pairs
        if not name.startswith(RELATION)
    )
    return replace(address, pairs=tuple(dict.fromkeys(pairs)))


def tidy(path: str, params: QueryDict) -> Address:
    """What a form sent, as the shortest address that says the same: nothing empty, nothing twice.

    The time menu sends its fields beside a range that was chosen before; the fields are the later choice. A key of a
    parameter without a value asks for nothing yet.
    """
    given = dict.fromkeys((n, v.strip()) for n, values in params.lists() for v in values if v.strip())
    kept = {name: value for name, value in given if name == VIEW or (name, value) == (LIVE, "1")}
    asked = tuple(
        pair for pair in given if pair[0] not in {*KEPT, *ASIDE, SINCE} and not pair[0].startswith(FIND)
    )
    address = Address(path, asked, tuple(kept.items()))
    timed = any(name in {"from", "to"} for name, _ in address.pairs)
    return _related(_with_parameter(address.without("range") if timed else address))


def unfolded(address: Address, split: Split) -> Address:
    """With the conditions that were typed into the search as filters of their own, and the rest left in the search.

    `split` as `AuditEntryFilter.split`. Raises what it raises.
    """
    texts = [value for name, value in address.pairs if name == SEARCH and len(value) <= LONGEST_VALUE]
    parts = [split(text) for text in texts]
    typed = [pair for _, pairs in parts for pair in pairs]
    if not typed:
        return address
    names = {name for name, _ in typed}
    replaced = (names & ONCE) | (set(PERIOD) if names & set(PERIOD) else set())
    found = address.without(SEARCH, *replaced)
    for name, value in [*typed, *((SEARCH, rest) for rest, _ in parts if rest)]:
        found = found.plus(name, value)
    return found
