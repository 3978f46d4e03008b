"""Tenants, their workspaces and their people: every change is recorded in the tenant's log, in its transaction."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from audit import recording
from audit.catalog.areas import tenant_user_management as members
from audit.catalog.areas import workspace_management as rooms
from audit.catalog.kinds import Event
from audit.drafts import Actor, Context, Draft, Outcome, Place
from audit.models import Membership, Person, Role, Tenant, Workspace

SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class By:
    """Who does it, when, and from where."""

    actor: Actor
    now: datetime
    context: Context | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What an entry says beside who and when."""

    event: Event
    parameters: Mapping[str, str]
    workspace: Place | None = None
    outcome: Outcome = "success"


def place_of(workspace: Workspace) -> Place:
    return Place(id=workspace.pk, slug=workspace.slug, name=workspace.name)


def record_in_each_tenant(person: Person, said: Said, *, by: By) -> int:
    """Record it in the log of every tenant that the person belongs to; the number of tenants."""
    # Heads are locked in one order everywhere, so that two of these cannot wait for each other.
    tenants = list(Tenant.objects.filter(memberships__person=person).order_by("pk"))
    with transaction.atomic():
        for tenant in tenants:
            _record(tenant, [said], by=by)
    return len(tenants)


def check_slug(slug: str) -> None:
    """Raise ValidationError unless the slug reads well in an address: stricter than Django's."""
    if not SLUG.fullmatch(slug):
        raise ValidationError(
            {"slug": "Write small letters, digits and hyphens, a letter or digit at both ends."}
        )


@transaction.atomic
def create_tenant(*, slug: str, name: str) -> Tenant:
    """Make a tenant; its log begins with the first entry. Raises ValidationError for a bad or taken slug."""
    tenant = Tenant(slug=slug, name=name)
    check_slug(slug)
    tenant.full_clean()
    tenant.save()
    return tenant


@transaction.atomic
def create_person(*, email: str, password: str, name: str = "") -> Person:
    """Make a person who signs in with this password. Raises ValidationError for a bad address or a weak password."""
    person = Person(email=email.strip().lower(), name=name)
    person.full_clean(exclude=["password"])
    validate_password(password, person)
    person.set_password(password)
    person.save()
    return person


@transaction.atomic
def set_membership(
    *, person: Person, tenant: Tenant, role: str, workspaces: Collection[Workspace] = (), by: By
) -> Membership:
    """Make the person a member in this role, or change what they are; record what is new about it.

    `workspaces` are what a viewer reads; other roles read all of the tenant and keep none. Raises ValidationError
    where one of them is another tenant's.
    """
    if any(workspace.tenant_id != tenant.pk for workspace in workspaces):
        raise ValidationError("A viewer is given workspaces of the tenant itself only.")
    named = set(workspaces) if role == Role.VIEWER else set()
    membership = Membership.objects.select_for_update().filter(person=person, tenant=tenant).first()
    before = set(membership.workspaces.all()) if membership else set()
    previous = membership.role if membership else None
    membership = membership or Membership(person=person, tenant=tenant)
    membership.role = role
    membership.save()
    membership.workspaces.set(named)
    _record(tenant, [*_role(person, role, previous), *_rooms(person, role, before, named)], by=by)
    return membership


@transaction.atomic
def remove_member(membership: Membership, *, by: By) -> None:
    """Take the person out of the tenant. They stay a person, perhaps of other tenants."""
    person, tenant = membership.person, membership.tenant
    membership.delete()
    _record(tenant, [Said(members.USER_DELETED, {"username": person.email})], by=by)


@transaction.atomic
def set_active(person: Person, *, active: bool, by: By) -> None:
    """Let the person sign in, or no longer; their sessions end with their next request."""
    person.is_active = active
    person.save(update_fields=["is_active"])
    record_activity(person, by=by)


def record_activity(person: Person, *, by: By) -> None:
    """Record in each of the person's tenants whether they may sign in now."""
    event = members.USER_ACTIVATED if person.is_active else members.USER_DEACTIVATED
    record_in_each_tenant(person, Said(event, {"username": person.email}), by=by)


@transaction.atomic
def create_workspace(*, tenant: Tenant, slug: str, name: str, by: By) -> Workspace:
    """Make a workspace. Raises ValidationError for a bad slug or one that the tenant has already."""
    workspace = Workspace(tenant=tenant, slug=slug, name=name)
    check_slug(slug)
    workspace.full_clean()
    workspace.save()
    record_workspace(workspace, previous_name=None, by=by)
    return workspace


def record_workspace(workspace: Workspace, *, previous_name: str | None, by: By) -> None:
    """Record that the workspace was made (`previous_name` is None) or renamed."""
    said = Said(rooms.WORKSPACE_CREATED, {"workspace_name": workspace.name}, place_of(workspace))
    if previous_name is not None:
        told = {"workspace_name": workspace.name, "previous_name": previous_name}
        said = Said(rooms.WORKSPACE_NAME_UPDATED, told, place_of(workspace))
    _record(workspace.tenant, [said], by=by)


@transaction.atomic
def delete_workspace(workspace: Workspace, *, by: By) -> None:
    """Remove a workspace. Its entries keep its name."""
    said = Said(rooms.WORKSPACE_DELETED, {"workspace_name": workspace.name}, place_of(workspace))
    tenant = workspace.tenant
    workspace.delete()
    _record(tenant, [said], by=by)


def _role(person: Person, role: str, previous: str | None) -> list[Said]:
    told = {"username": person.email, "role": Role(role).label}
    if previous is None:
        return [Said(members.USER_INVITED, told)]
    if previous != role:
        return [Said(members.USER_ROLE_CHANGED, {**told, "previous_role": Role(previous).label})]
    return []


def _rooms(person: Person, role: str, before: set[Workspace], after: set[Workspace]) -> list[Said]:
    told = {"username": person.email}
    added = {**told, "role": Role(role).label}
    return [
        *(Said(rooms.USER_INVITED_ADDED, added, place_of(w)) for w in _sorted(after - before)),
        *(Said(rooms.USER_REMOVED, told, place_of(w)) for w in _sorted(before - after)),
    ]


def _sorted(workspaces: Iterable[Workspace]) -> list[Workspace]:
    return sorted(workspaces, key=lambda workspace: workspace.name)


def _record(tenant: Tenant, said: list[Said], *, by: By) -> None:
    drafts = [
        Draft(
            event=one.event,
            actor=by.actor,
            workspace=one.workspace,
            parameters=one.parameters,
            outcome=one.outcome,
            context=by.context,
        )
        for one in said
    ]
    recording.record_many(tenant=tenant, drafts=drafts, now=by.now)
