"""Exports too large for an answer: what was asked for, how far its file has come, and until when it is there."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from uuid_utils.compat import uuid7

from audit.models.people import Person
from audit.models.tenants import Tenant

LASTS = timedelta(hours=24)
"""How long a file that is ready stays."""
MOST_ATTEMPTS = 3
"""So often a run may end without saying why (its worker was killed, say) before the export has failed."""


class ExportState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    EXPIRED = "expired", "Expired"


OPEN = (ExportState.WAITING, ExportState.RUNNING)


class ExportQuerySet(models.QuerySet["Export"]):
    """Exports are asked for by tenant and person; only workers ask for those of all."""

    def of(self, tenant: Tenant, person: Person) -> ExportQuerySet:
        return self.filter(tenant_id=tenant.pk, person_id=person.pk)

    def open(self) -> ExportQuerySet:
        return self.filter(state__in=OPEN)

    def at_work(self) -> ExportQuerySet:
        """Those that somebody holds a lease of."""
        return self.filter(state=ExportState.RUNNING, leased_until__gt=Now())

    def due(self) -> ExportQuerySet:
        """Those that could be begun: nobody has, or whoever did is gone."""
        gone = Q(state=ExportState.RUNNING, leased_until__lte=Now())
        return self.filter(Q(state=ExportState.WAITING) | gone, attempts__lt=MOST_ATTEMPTS)

    def given_up(self) -> ExportQuerySet:
        """Those whose last run is gone, too."""
        return self.filter(state=ExportState.RUNNING, leased_until__lte=Now(), attempts__gte=MOST_ATTEMPTS)


class Export(models.Model):
    """A file that a worker writes for one person: the entries up to `last_sequence` that `filters` find.

    `filters` is the query of the log's address, as it was understood at `asked_at` in `time_zone`; `words` says the
    same to people. `promised` entries were counted then, and a file that is ready has exactly these. The file's name
    holds `lease_epoch`, which changes with whoever writes it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="exports")
    person = models.ForeignKey(Person, models.PROTECT, related_name="exports")
    number = models.PositiveIntegerField(help_text="1, 2, 3 … in the tenant.")
    file_format = models.CharField(max_length=20)
    compressed = models.BooleanField(default=False)
    filters = models.TextField(blank=True)
    words = models.JSONField(default=list)
    time_zone = models.CharField(max_length=64, default="UTC")
    last_sequence = models.BigIntegerField()
    promised = models.BigIntegerField()
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=ExportState.choices, default=ExportState.WAITING)
    written = models.BigIntegerField(default=0)
    size = models.BigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    failure = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    lease_owner = models.CharField(max_length=100, blank=True)
    lease_epoch = models.BigIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    link = models.CharField(max_length=43, blank=True, help_text="The one that was not used yet.")

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="export_number_in_tenant"),
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(written=F("promised"), expires_at__isnull=False),
                name="export_as_promised",
            ),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(leased_until__isnull=False), name="export_running_by_lease"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "person", "-asked_at"], name="export_of_person"),
            models.Index(
                fields=["state"], condition=Q(state__in=["waiting", "running", "ready"]), name="export_alive"
            ),
        ]

    def __str__(self) -> str:
        return f"export {self.number} of {self.tenant_id}"

    @property
    def name(self) -> str:
        """`EXP-0423`"""
        return f"EXP-{self.number:04d}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def percent(self) -> int:
        return 100 * self.written // self.promised if self.promised else 0

    def downloadable(self, *, now: datetime) -> bool:
        """Whether its file is still there for the person who made it."""
        return self.state == ExportState.READY and self.expires_at is not None and now < self.expires_at

    def seconds_left(self, *, now: datetime) -> float | None:
        """How long it will go on at the rate so far; None before there is one."""
        if self.state != ExportState.RUNNING or not self.written or self.started_at is None:
            return None
        return (now - self.started_at).total_seconds() * (self.promised - self.written) / self.written
