"""Which kinds of entries a tenant's log holds: few rows, asked before the many (audit.narrowing)."""

from __future__ import annotations

from django.db import models

from audit.models.tenants import Tenant

KIND = ("event", "area", "category", "actor_type", "outcome", "in_workspace")
"""What makes a kind, beside the tenant."""


class EntryKind(models.Model):
    """There is, or was, an entry of this kind. Written with the first one, in its transaction, and never changed.

    Never too few: what is not here, no entry is. What retention removed leaves its kinds behind, which costs nothing.
    """

    pk = models.CompositePrimaryKey("tenant_id", *KIND)
    tenant = models.ForeignKey(Tenant, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    event = models.TextField()
    area = models.TextField()
    category = models.TextField()
    actor_type = models.TextField()
    outcome = models.TextField()
    in_workspace = models.BooleanField()

    def __str__(self) -> str:
        return f"{self.event} by {self.actor_type}: {self.outcome}"
