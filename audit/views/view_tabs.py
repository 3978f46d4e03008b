"""The saved views as tabs above the log: which is open, whether its filters still are, where a bare address leads."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl

from django.http import QueryDict

from audit import access, saved_views
from audit.models import Membership, SavedView
from audit.views.addresses import ALL_ACTIVITY, KEPT, VIEW, Address


@dataclass(frozen=True, slots=True)
class Tab:
    """One saved view, or all activity: its words, the address that opens it, and whether it is open."""

    words: str
    href: Address
    current: bool
    shared: bool = False


class ViewTabs:
    """What the templates of the tabs ask for. Costs one question. Raises access.NotFound for a view that is not theirs.

    An address that names nothing but a view opens it with its filters; a bare one opens the person's default.
    """

    def __init__(self, membership: Membership, address: Address) -> None:
        self.views = saved_views.visible(membership)
        self.default = saved_views.opening(membership, self.views)
        self.view = self._named(address.view)
        self._given = address
        # Where the log opens with a view, "all activity" has to be said.
        self.address = address.keeping(VIEW, address.view or (ALL_ACTIVITY if self.default else ""))

    def leads_to(self, params: QueryDict) -> Address | None:
        """Where an address without any filter leads, if it is not to all activity."""
        if not set(params) <= KEPT:
            return None
        view = self.view if self._given.view else self.default
        return opened(self._given, view) if view else None

    def over(self, address: Address) -> ViewTabs:
        """The same above another address: what was typed may have become filters, or all of them are gone."""
        self.address = address
        self.view = self.view if address.filters.pairs else None
        return self

    @property
    def tabs(self) -> list[Tab]:
        here = self.address
        start = Address(here.path, kept=here.kept).keeping(VIEW, ALL_ACTIVITY if self.default else "")
        first = Tab("All activity", start, current=not self.view)
        return [
            first,
            *(Tab(one.name, opened(here, one), one is self.view, one.shared) for one in self.views),
        ]

    @property
    def filters(self) -> str:
        """What would be saved."""
        return self.address.filters.query

    @property
    def changed(self) -> bool:
        """Whether the filters are others than those of the view that is open."""
        asked = self.address.filters.pairs
        return bool(asked) and sorted(asked) != sorted(parse_qsl(self.view.filters) if self.view else ())

    def _named(self, wanted: str) -> SavedView | None:
        if wanted in {"", ALL_ACTIVITY}:
            return None
        for view in self.views:
            if str(view.pk) == wanted:
                return view
        raise access.NotFound(f"no saved view {wanted!r} for this person")


def opened(log: Address, view: SavedView) -> Address:
    """The log with the filters of this view, in the order in which they were saved."""
    return Address(log.path, tuple(parse_qsl(view.filters)), log.kept).keeping(VIEW, str(view.pk))
