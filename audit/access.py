"""Who may read or administer which tenant. A tenant or entry that is not yours does not exist for you."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from audit.models import Membership, Person, Role


class NotFound(LookupError):
    """There is no such thing for this person: answered like an address that nobody has."""


class NotAllowed(PermissionError):
    """The person belongs here, but their role does not open this."""


@dataclass(frozen=True, slots=True)
class May:
    """What a role opens. `workspaces` is None for "all of the tenant", else the ids that may be read."""

    read: bool = True
    export: bool = False
    administer: bool = False
    workspaces: frozenset[UUID] | None = None


def membership_of(person: Person | AnonymousUser, *, slug: str) -> Membership:
    """The person's membership of the tenant with this slug. Raises NotFound."""
    return among(memberships_of(person).filter(tenant__slug=slug), slug=slug)


def among(memberships: Iterable[Membership], *, slug: str) -> Membership:
    """That of the tenant with this slug. Raises NotFound."""
    found = next((one for one in memberships if one.tenant.slug == slug), None)
    if found is None:
        raise NotFound(f"no tenant {slug!r} for this person")
    return found


def memberships_of(person: Person | AnonymousUser) -> QuerySet[Membership]:
    """All memberships of a person, by the tenant's name.

    With the head of each log, so that a page knows what was there when it began, without asking again.
    """
    if not isinstance(person, Person):
        return Membership.objects.none()
    return person.memberships.select_related("tenant__log_head").order_by("tenant__name")


def may(membership: Membership) -> May:
    """What this membership opens: admins everything, auditors reading and export, viewers their workspaces."""
    if membership.role == Role.ADMIN:
        return May(export=True, administer=True)
    if membership.role == Role.AUDITOR:
        return May(export=True)
    return May(workspaces=frozenset(membership.workspaces.values_list("pk", flat=True)))


def require(*, allowed: bool, to: str) -> None:
    """Raise NotAllowed, in words, unless `allowed`."""
    if not allowed:
        raise NotAllowed(f"Your role does not allow you to {to}. Ask an admin of your tenant.")
