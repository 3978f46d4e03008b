"""The menus of the bar above the log, as data for their templates: what is chosen, what can be, and how often it is."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from audit.facets import Counted
from audit.filters.entries import NOT
from audit.filters.kinds import EntryFilter, ManyFilter
from audit.views.addresses import Address


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that can be ticked; `count` in words, empty where it is not known."""

    name: str
    value: str
    label: str
    chosen: bool
    count: str = ""

    @property
    def id(self) -> str:
        """Stays the same wherever the value stands in its menu."""
        return f"f-{self.name}-{zlib.crc32(self.value.encode()):08x}"


@dataclass(frozen=True, slots=True)
class Menu:
    """One filter in the bar or under "More filters". `turned`: what is given is left out; `choices`: the few there are.

    `given` are values of an address, `chosen` the same to be ticked.
    """

    name: str
    label: str
    given: list[str]
    turned: bool
    chosen: list[Choice]
    choices: list[Choice]
    clear: Address

    @property
    def count(self) -> int:
        return len(self.given)


def menu(name: str, one: EntryFilter, address: Address) -> Menu:
    """The menu of this filter at this address."""
    given, turned = given_of(name, address)
    chosen = [Choice(name, value, one.words(value), chosen=True) for value in given]
    few = one.options() if isinstance(one, ManyFilter) and one.menu == "more" else []
    choices = [Choice(name, value, label, value in given) for value, label in few]
    return Menu(name, str(one.label), given, turned, chosen, choices, address.without(name, NOT + name))


def given_of(name: str, address: Address) -> tuple[list[str], bool]:
    """The filter's values in this address, and whether they are those that are left out."""
    values = [value for given, value in address.pairs if given == name]
    others = [value for given, value in address.pairs if given == NOT + name]
    return (values, False) if values or not others else (others, True)


def counted(
    name: str, one: EntryFilter, found: Counted, *, given: Iterable[str], asked: Iterable[str] = ()
) -> list[Choice]:
    """Choices with counts, those that are given first. `asked`: these were counted, also where nothing has them."""
    numbers = {one.told(value) if isinstance(one, ManyFilter) else str(value): n for value, n in found.values}
    if found.complete:
        numbers = {**dict.fromkeys(asked, 0), **numbers}
    more, chosen = "" if found.complete else "+", set(given)
    return [
        Choice(
            name,
            value,
            one.words(value),
            chosen=value in chosen,
            count=f"{numbers[value]:,}{more}" if value in numbers else "",
        )
        for value in dict.fromkeys([*given, *numbers, *asked])
    ]
