"""The vocabulary as a whole: finding events by code, suggesting the nearest, adding a deployment's own.

The folder `audit.catalog.areas` is the registry: each module there declares one `AREA`.
"""

from __future__ import annotations

import csv
import difflib
import importlib
import pkgutil
import re
from pathlib import Path

from audit.catalog import areas as areas_package
from audit.catalog.kinds import Area, Category, Event

LONGEST_CODE = 129
COLUMNS = ["code", "area", "event", "category", "parameters", "description"]
CODE = re.compile(r"[a-z][a-z0-9_]{0,63}\.[a-z][a-z0-9_]{0,63}")


class UnknownEventError(LookupError):
    """No event has this code; `nearest` is the code most like it, or None."""

    def __init__(self, code: str, nearest: str | None) -> None:
        self.code, self.nearest = code, nearest
        hint = f"; the nearest known code is {nearest!r}" if nearest else ""
        super().__init__(f"no event has the code {code[:LONGEST_CODE]!r}{hint}")


class CatalogFileError(ValueError):
    """A line of the deployment's own catalogue cannot be used; the text names file, line and reason."""


class Catalog:
    """Areas and events in the product's order, those of the deployment after them."""

    def __init__(self, areas: list[Area]) -> None:
        self._areas = {area.code: area for area in areas}
        self._events = {event.code: event for area in areas for event in area.events}

    def areas(self) -> list[Area]:
        return list(self._areas.values())

    def area_label(self, code: str) -> str:
        """What people read for an area's code; the code itself for one that is no longer in the vocabulary."""
        area = self._areas.get(code)
        return area.label if area else code

    def events(self) -> list[Event]:
        return [event for area in self._areas.values() for event in area.events]

    def event(self, code: str) -> Event:
        """The event with this code. Raises UnknownEventError, which knows the nearest code."""
        try:
            return self._events[code]
        except KeyError:
            alike = code[:LONGEST_CODE]
            nearest = difflib.get_close_matches(alike, self._events, n=1, cutoff=0.5)
            raise UnknownEventError(code, nearest[0] if nearest else None) from None

    def extend(self, file: Path) -> None:
        """Add the areas and events of a CSV file with the columns of `COLUMNS` (docs/adding-an-event.md).

        Raises CatalogFileError and adds nothing where any line is wrong.
        """
        added = _read(file, known=self)
        for area in added:
            known = self._areas.setdefault(area.code, area)
            for event in area.events:
                if known is not area:
                    known.events.append(event)
                self._events[event.code] = event


def _read(file: Path, *, known: Catalog) -> list[Area]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, strict=True)
            if reader.fieldnames != COLUMNS:
                raise CatalogFileError(f"{file}, line 1: the columns have to be {','.join(COLUMNS)}")
            added: dict[str, Area] = {}
            for row in reader:
                _add(row, added, known, where=f"{file}, line {reader.line_num}")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CatalogFileError(f"{file} cannot be read: {error}") from None
    return list(added.values())


def _add(row: dict[str, str], added: dict[str, Area], known: Catalog, *, where: str) -> None:
    if None in row or None in row.values():
        raise CatalogFileError(f"{where}: needs exactly {len(COLUMNS)} values")
    code, label = row["code"].strip(), row["event"].strip()
    if not CODE.fullmatch(code):
        raise CatalogFileError(
            f"{where}: {code!r} is no code; write area.event in small letters, digits and _"
        )
    if not label:
        raise CatalogFileError(f"{where}: {code} has no label in the column event")
    area_code, name = code.split(".")
    standing = added.get(area_code) or known._areas.get(area_code)  # noqa: SLF001 - own class
    label_of_area = _area_label(row, standing, where=where)
    area = added.setdefault(area_code, Area(area_code, label_of_area))
    if code in known._events or any(event.code == code for event in area.events):  # noqa: SLF001 - own class
        raise CatalogFileError(f"{where}: the code {code} is taken already")
    category = _category(row["category"].strip(), where=where)
    area.event(name, label, category, row["parameters"], row["description"].strip(), extension=True)


def _area_label(row: dict[str, str], standing: Area | None, *, where: str) -> str:
    label = row["area"].strip()
    if not label:
        raise CatalogFileError(f"{where}: the column area is empty")
    if standing is not None and standing.label != label:
        raise CatalogFileError(
            f"{where}: the area {standing.code} is called {standing.label!r}, not {label!r}"
        )
    return label


def _category(label: str, *, where: str) -> Category:
    for category in Category:
        if category.label == label:
            return category
    known = ", ".join(category.label for category in Category)
    raise CatalogFileError(f"{where}: {label!r} is no category; write one of: {known}")


def _built_in() -> list[Area]:
    modules = pkgutil.iter_modules(areas_package.__path__, f"{areas_package.__name__}.")
    found: list[Area] = [importlib.import_module(module.name).AREA for module in modules]
    return sorted(found, key=lambda area: (area.position, area.label))


CATALOG = Catalog(_built_in())
