"""Audit entries: append-only rows, partitioned by month of `occurred_at`.

The table, its partitions, indexes and triggers are made in SQL by the first migration; `audit.recording` is the
only door that writes. `body` is the entry: the other columns are derived from it for searching. `done_by` is the
actor's e-mail, or the name of one who has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn
from uuid import UUID

from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

from audit.catalog.kinds import Category
from audit.catalog.lookup import CATALOG
from audit.models.tenants import Tenant

# A producer's clock outside this window is taken as it is, and flagged (decision 4).
EARLIEST = timedelta(days=-7)
LATEST = timedelta(minutes=5)


class AppendOnlyError(TypeError):
    """Entries cannot be changed or removed, by anybody."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What filters ask for, in parts, for `audit.narrowing`.

    `kinds` holds for the EntryKind of every entry that is asked for; `exactly` are those of these conditions that an
    entry keeps if its kind does. `rest` are the entries with all that is asked but for `exactly`.
    """

    tenant_id: UUID
    rest: EntryQuerySet
    kinds: Q
    exactly: Q


@dataclass(frozen=True, slots=True)
class Hours:
    """All entries of a tenant from `first` until before `until`, of any of the categories (None: no bound, any)."""

    tenant_id: UUID
    first: datetime | None = None
    until: datetime | None = None
    categories: tuple[str, ...] | None = None


class EntryQuerySet(models.QuerySet["AuditEntry"]):
    """Entries are asked for by tenant first.

    `asked` says the same as the query itself, in parts, and `hours` where it is no more than that; both are gone as
    soon as something is added to the query.
    """

    asked: Asked | None = None
    hours: Hours | None = None

    def of(self, tenant: Tenant) -> EntryQuerySet:
        return self.filter(tenant_id=tenant.pk)

    def that_are_asked(self, asked: Asked) -> EntryQuerySet:
        """The same entries, with what makes them up."""
        found = self.all()
        found.asked = asked
        return found

    def within(self, hours: Hours) -> EntryQuerySet:
        """The same entries, known to be these."""
        found = self.all()
        found.hours = hours
        return found

    def filter(self, *args: Any, **kwargs: Any) -> EntryQuerySet:
        return _changed(super().filter(*args, **kwargs))

    def exclude(self, *args: Any, **kwargs: Any) -> EntryQuerySet:
        return _changed(super().exclude(*args, **kwargs))

    def none(self) -> EntryQuerySet:
        return _changed(super().none())

    def _clone(self) -> EntryQuerySet:
        found: EntryQuerySet = super()._clone()  # type: ignore[misc] # the way to carry an attribute along
        found.asked, found.hours = self.asked, self.hours
        return found

    def update(self, **kwargs: Any) -> NoReturn:  # noqa: ARG002 - Django's signature
        raise AppendOnlyError("Audit entries are append-only: they cannot be updated.")

    def delete(self) -> NoReturn:
        raise AppendOnlyError("Audit entries are append-only: they cannot be deleted.")

    def bulk_create(self, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ARG002 - Django's signature
        raise AppendOnlyError("Audit entries are written by audit.recording only.")


def _changed(found: EntryQuerySet) -> EntryQuerySet:
    found.asked = found.hours = None
    return found


class AuditEntry(models.Model):
    """One row of the log. `sequence` numbers a tenant's entries 1, 2, 3 … in commit order without a gap."""

    id = models.UUIDField(primary_key=True, editable=False)
    tenant = models.ForeignKey(Tenant, models.DO_NOTHING, db_constraint=False, related_name="+")
    sequence = models.BigIntegerField()
    event = models.CharField(max_length=129)
    area = models.CharField(max_length=64)
    category = models.CharField(max_length=20)
    action = models.TextField()
    workspace_id = models.UUIDField(null=True)
    workspace_name = models.TextField()
    done_by = models.TextField()
    actor_type = models.CharField(max_length=20)
    actor_id = models.TextField()
    actor_email = models.TextField()
    actor_name = models.TextField()
    parameters = models.JSONField()
    details = models.TextField()
    target = models.JSONField(null=True)
    outcome = models.CharField(max_length=10)
    ip = models.GenericIPAddressField(null=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    producer = models.TextField()
    external_id = models.TextField(null=True)  # noqa: DJ001 - absent is not the same as empty
    body = models.BinaryField()
    salt = models.BinaryField()
    leaf_hash = models.BinaryField()
    search = SearchVectorField()

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "audit entries"
        ordering = ["-occurred_at", "-sequence"]

    def __str__(self) -> str:
        return f"{self.sequence} {self.event}"

    def save(self, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ARG002 - Django's signature
        raise AppendOnlyError("Audit entries are written by audit.recording only.")

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ARG002 - Django's signature
        raise AppendOnlyError("Audit entries are append-only: they cannot be deleted.")

    @property
    def category_label(self) -> str:
        return Category(self.category).label

    @property
    def area_label(self) -> str:
        return CATALOG.area_label(self.area)

    @property
    def clock_is_off(self) -> bool:
        """Whether the producer's time lies outside what a healthy clock gives."""
        return not EARLIEST <= self.occurred_at - self.recorded_at <= LATEST


class ExternalId(models.Model):
    """A producer's own id of an entry, unique in the tenant and never expiring: what makes sending again harmless."""

    pk = models.CompositePrimaryKey("tenant_id", "external_id")
    tenant = models.ForeignKey(Tenant, models.PROTECT, db_constraint=False, related_name="+")
    external_id = models.TextField()
    sequence = models.BigIntegerField()

    def __str__(self) -> str:
        return self.external_id
