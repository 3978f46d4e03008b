"""Saved views: who sees them, who may change them, and with which one a person's log opens.

Every member keeps views of their own; what is shared belongs to the tenant, and only admins share, change or remove it.
Another person's view, or another tenant's, does not exist for you, for an admin neither. Whether filters can be used is
for the caller to say: the page that saves them has read them.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from audit import access
from audit.models import Membership, Person, SavedView, Tenant
from audit.models.saved_views import LONGEST_NAME

MOST = 50
"""Views a person may keep in a tenant, and a tenant for everybody."""

_CHANGEABLE = ("name", "filters", "owner", "is_default", "changed_at")
_JOINERS = "\u200c\u200d"  # belong to words of several languages; pages show where they stand


class NotSaved(ValueError):
    """A view that cannot be kept so; the message is for the person."""


def visible(membership: Membership) -> list[SavedView]:
    """The tenant's views, then the person's own, each by name: one question."""
    mine = Q(owner=membership.person_id) | Q(owner=None)
    found = SavedView.objects.filter(mine, tenant=membership.tenant_id)
    return list(found.order_by(F("owner").desc(nulls_first=True), "name"))


def find(membership: Membership, view_id: UUID) -> SavedView:
    """One of the views that the person sees. Raises access.NotFound."""
    for view in visible(membership):
        if view.pk == view_id:
            return view
    raise access.NotFound(f"no saved view {view_id} for this person")


def opening(membership: Membership, views: list[SavedView]) -> SavedView | None:
    """Of these, the one with which the person's log opens; None: with all entries."""
    if membership.opens_with_all:
        return None
    chosen = [view for view in views if view.pk == membership.default_view_id]
    return next(iter(chosen or [view for view in views if view.is_default]), None)


def save(
    membership: Membership, *, name: str, filters: str, now: datetime, may: access.May, shared: bool = False
) -> SavedView:
    """Keep these filters under a name. Raises NotSaved; access.NotAllowed for sharing without being an admin."""
    if shared:
        _require_admin(may, "share views")
    owner = None if shared else membership.person
    view = SavedView(tenant=membership.tenant, owner=owner, name=_name(name), filters=_some(filters))
    view.created_at = view.changed_at = now
    with transaction.atomic():
        _lock(view)
        if SavedView.objects.filter(tenant=view.tenant_id, owner=owner).count() >= MOST:
            whose = "Your tenant shares" if shared else "You keep"
            raise NotSaved(f"{whose} {MOST} views already. Delete one that is no longer needed.")
        return _write(view, new=True)


def change(
    view: SavedView, *, now: datetime, may: access.May, name: str | None = None, filters: str | None = None
) -> SavedView:
    """Another name, other filters, or both. Raises NotSaved and access.NotAllowed."""
    _require_change(view, may)
    view.name = view.name if name is None else _name(name)
    view.filters = view.filters if filters is None else _some(filters)
    view.changed_at = now
    return _write(view)


def share(view: SavedView, *, now: datetime, may: access.May) -> SavedView:
    """Give one's own view to the tenant. Raises NotSaved and access.NotAllowed."""
    _require_admin(may, "share views")
    return view if view.shared else _move(view, None, now=now)


def take_back(view: SavedView, membership: Membership, *, now: datetime, may: access.May) -> SavedView:
    """Make a shared view the admin's own; whose log opened with it follows the tenant's default."""
    _require_change(view, may)
    others = Membership.objects.filter(default_view=view).exclude(pk=membership.pk)
    with transaction.atomic():
        others.update(default_view=None)
        view.is_default = False
        return _move(view, membership.person, now=now)


def remove(view: SavedView, *, may: access.May) -> None:
    """Whose log opened with it follows the tenant's default. Raises access.NotAllowed."""
    _require_change(view, may)
    view.delete()


def open_with(membership: Membership, view: SavedView | None) -> None:
    """Open this person's log with the view, or with all entries."""
    membership.default_view, membership.opens_with_all = view, view is None
    membership.save(update_fields=["default_view", "opens_with_all"])


def follow_tenant(membership: Membership) -> None:
    """Open this person's log with what the tenant's opens with, whatever that will be."""
    membership.default_view, membership.opens_with_all = None, False
    membership.save(update_fields=["default_view", "opens_with_all"])


def open_tenant_with(tenant: Tenant, view: SavedView | None, *, may: access.May) -> None:
    """Open the log with the shared view, or all entries, for people who chose nothing. Raises as `share`."""
    _require_admin(may, "choose the tenant's default view")
    if view and not view.shared:
        raise NotSaved("Share the view first: everybody's log can only open with what everybody sees.")
    with transaction.atomic():
        Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
        SavedView.objects.filter(tenant=tenant, is_default=True).update(is_default=False)
        if view:
            SavedView.objects.filter(pk=view.pk, owner=None).update(is_default=True)


def _require_admin(may: access.May, to: str) -> None:
    access.require(allowed=may.administer, to=to)


def _require_change(view: SavedView, may: access.May) -> None:
    access.require(allowed=may.administer or not view.shared, to="change a view that is shared")


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name:
        raise NotSaved("Give the view a name.")
    if len(name) > LONGEST_NAME:
        raise NotSaved(f"A name takes at most {LONGEST_NAME} characters; this one has {len(name)}.")
    if any(
        unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Co", "Cn"} for sign in name if sign not in _JOINERS
    ):
        raise NotSaved("The name holds characters that cannot be seen. Type it anew.")
    return name


def _some(filters: str) -> str:
    if not filters:
        raise NotSaved("There is nothing to save: choose a filter first. “All activity” is always there.")
    return filters


def _move(view: SavedView, owner: Person | None, *, now: datetime) -> SavedView:
    view.owner, view.changed_at = owner, now
    with transaction.atomic():
        _lock(view)
        if SavedView.objects.filter(tenant=view.tenant_id, owner=owner).count() >= MOST:
            raise NotSaved(f"There are {MOST} views where this one would go. Delete one first.")
        return _write(view)


def _lock(view: SavedView) -> None:
    """Who counts first saves first: of two at once neither may be one too many."""
    if view.owner_id is None:
        Tenant.objects.select_for_update(no_key=True).get(pk=view.tenant_id)
    else:
        list(
            Membership.objects.select_for_update(no_key=True).filter(
                tenant=view.tenant_id, person=view.owner_id
            )
        )


def _write(view: SavedView, *, new: bool = False) -> SavedView:
    try:
        with transaction.atomic():
            if new:
                view.save(force_insert=True)
            elif not SavedView.objects.filter(pk=view.pk).update(
                **{name: getattr(view, name) for name in _CHANGEABLE}
            ):
                raise access.NotFound(f"the saved view {view.pk} was removed meanwhile")
    except IntegrityError as error:
        if "saved_view_name_once" not in str(error):
            raise
        whose = "Your tenant shares" if view.shared else "You keep"
        raise NotSaved(f"{whose} a view with the name “{view.name}” already.") from None
    return view
