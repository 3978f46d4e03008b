"""The bar above the log, as data for its templates: menus, fields, chips, and the addresses they lead to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from audit.filters import AuditEntryFilter
from audit.filters.entries import NOT, PARAMETER
from audit.filters.kinds import EntryFilter
from audit.filters.typed import SEARCH
from audit.views.addresses import PERIOD, Address
from audit.views.menus import Menu, menu
from audit.views.periods import Period


@dataclass(frozen=True, slots=True)
class Chip:
    """One value of one filter, in words; the address without it, and the one that leaves out what it asks for."""

    label: str
    op: str
    words: str
    remove: Address
    turn: Address | None = None
    other_op: str = ""


class FilterBar:
    """What the templates of the bar ask for. `filters` knows the values, `address` where links start from."""

    def __init__(self, filters: AuditEntryFilter, address: Address, *, opened: str = "") -> None:
        self.filters, self.address, self.opened = filters, address.filters, opened
        # Not `filters.asked()`: what is still being typed has no field and no chip of its own yet.
        self._asked = self.address.pairs

    @property
    def search(self) -> str:
        return " ".join(self._given("q"))

    @cached_property
    def menus(self) -> list[Menu]:
        return [menu(name, one, self.address) for name, one in self._shown("bar")]

    @cached_property
    def more(self) -> list[Menu]:
        return [menu(name, one, self.address) for name, one in self._shown("more")]

    @property
    def _all_menus(self) -> list[Menu]:
        return [*self.menus, *self.more]

    @property
    def more_count(self) -> int:
        return sum(self._under_more(name) for name, _ in self._asked)

    @property
    def clear_more(self) -> Address:
        return self.address.without(*(name for name, _ in self._asked if self._under_more(name)))

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What is asked for without a field in the form: parameters, the time, what is left out; and how it is read."""
        names = {one.name for one in self._all_menus}
        turned = {NOT + one.name for one in self._all_menus if one.turned}
        asked = [
            (name, value) for name, value in self._asked if name not in {"q", "from", "to", *names, *turned}
        ]
        return [*self.address.kept, *asked]

    @cached_property
    def period(self) -> Period:
        return Period(self.address, now=self.filters.scope.now)

    @property
    def timed(self) -> bool:
        return self.period.is_chosen

    @property
    def time_label(self) -> str:
        return self.period.label

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

    def _given(self, name: str) -> list[str]:
        return [value for asked, value in self._asked if asked == name]

    def _shown(self, where: str) -> Iterator[tuple[str, EntryFilter]]:
        for name in self.filters.filters:
            one = self.filters.named(name)
            if one.menu == where and not one.exclude:
                yield name, one

    def _chip(self, name: str, value: str) -> Chip:
        one = self.filters.named(name)
        here, there = (one.turned_op, one.op) if one.exclude else (one.op, one.turned_op)
        turn = self.address.turned(name, value) if one.turns else None
        return Chip(
            str(one.label), here, one.words(value), self.address.without(name, value=value), turn, there
        )
