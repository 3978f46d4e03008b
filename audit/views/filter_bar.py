"""The bar above the log, as data for its templates: menus, fields, chips, and the addresses they lead to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from audit.catalog.lookup import CATALOG
from audit.filters import AuditEntryFilter
from audit.filters.entries import NOT, PARAMETER
from audit.filters.kinds import EntryFilter, ManyFilter
from audit.filters.options import RANGES
from audit.filters.typed import SEARCH
from audit.views.addresses import PERIOD, Address


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Menu:
    """One filter in the bar or under "More filters"; without choices, a field to type into."""

    name: str
    label: str
    choices: list[Choice]
    typed: bool
    given: list[str]
    clear: Address

    @property
    def count(self) -> int:
        return len(self.given)


@dataclass(frozen=True, slots=True)
class Chip:
    """One value of one filter, in words, and the address without it."""

    label: str
    op: str
    words: str
    remove: Address


class FilterBar:
    """What the templates of the bar ask for. `filters` knows the values, `address` where links start from."""

    def __init__(self, filters: AuditEntryFilter, address: Address, *, opened: str = "") -> None:
        self.filters, self.address, self.opened = filters, address.filters, opened
        # Not `filters.asked()`: what is still being typed has no field and no chip of its own yet.
        self._asked = self.address.pairs

    @property
    def search(self) -> str:
        return " ".join(self._given("q"))

    @property
    def menus(self) -> list[Menu]:
        return [self._menu(name, one) for name, one in self._shown("bar")]

    @property
    def more(self) -> list[Menu]:
        return [self._menu(name, one) for name, one in self._shown("more")]

    @property
    def more_count(self) -> int:
        return sum(self._under_more(name) for name, _ in self._asked)

    @property
    def clear_more(self) -> Address:
        return self.address.without(*(name for name, _ in self._asked if self._under_more(name)))

    @property
    def parameter_keys(self) -> list[str]:
        return sorted({key for event in CATALOG.events() for key in event.parameters})

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What is asked for without a field in the form: exclusions, parameters, the range; and how it is read."""
        asked = [(n, v) for n, v in self._asked if n.startswith((NOT, PARAMETER)) or n == "range"]
        return [*self.address.kept, *asked]

    @property
    def ranges(self) -> list[tuple[str, Address, bool]]:
        start, chosen = self.address.without(*PERIOD), "".join(self._given("range"))
        return [
            (label, start if key == "all" else start.having("range", key), key == (chosen or self._default))
            for key, (label, _) in RANGES.items()
        ]

    @property
    def last_day(self) -> Address:
        return self.address.without(*PERIOD).having("range", "24h")

    @property
    def time_label(self) -> str:
        first, last = "".join(self._given("from")), "".join(self._given("to"))
        if first or last:
            return " ".join(
                part for part in (first and f"from {first}", last and f"to {last}") if part
            ).replace("T", " ")
        chosen = "".join(self._given("range")) or "all"
        return RANGES[chosen][0] if chosen in RANGES else chosen

    @property
    def timed(self) -> bool:
        return any(name in PERIOD for name, _ in self._asked)

    @property
    def from_text(self) -> str:
        return "".join(self._given("from"))

    @property
    def to_text(self) -> str:
        return "".join(self._given("to"))

    @property
    def zone(self) -> str:
        return timezone.get_current_timezone_name()

    @property
    def chips(self) -> list[Chip]:
        return [self._chip(name, value) for name, value in self._asked if name not in PERIOD]

    @property
    def clear(self) -> Address:
        return Address(self.address.path, kept=self.address.kept)

    @property
    def problems(self) -> list[tuple[str, str, Address]]:
        """Label, reasons, and the address without the filter that cannot be used."""
        return [
            (self.label(name), " ".join(reasons), self._without(name))
            for name, reasons in self.filters.problems.items()
        ]

    def label(self, name: str) -> str:
        return str(self.filters.named(name).label)

    def _without(self, name: str) -> Address:
        asked = any(name == given for given, _ in self._asked)
        return self.address.without(name if asked else SEARCH)

    def _under_more(self, name: str) -> bool:
        bare = name.removeprefix(NOT)
        return bare.startswith(PARAMETER) or self.filters.named(name).menu == "more"

    @property
    def _default(self) -> str:
        return "" if self.from_text or self.to_text else "all"

    def _given(self, name: str) -> list[str]:
        return [value for asked, value in self._asked if asked == name]

    def _shown(self, where: str) -> Iterator[tuple[str, EntryFilter]]:
        for name in self.filters.filters:
            one = self.filters.named(name)
            if one.menu == where and not one.exclude:
                yield name, one

    def _menu(self, name: str, one: Any) -> Menu:
        given = self._given(name)
        offered = one.options() if isinstance(one, ManyFilter) else []
        kept = [(value, one.words(value)) for value in given if value not in dict(offered)] if offered else []
        choices = [Choice(value, label, value in given) for value, label in [*kept, *offered]]
        return Menu(name, str(one.label), choices, one.typed, given, self.address.without(name))

    def _chip(self, name: str, value: str) -> Chip:
        one = self.filters.named(name)
        op = one.turned_op if one.exclude else one.op
        return Chip(str(one.label), op, one.words(value), self.address.without(name, value=value))
