"""The head of a tenant's log: the number that the last entry got."""

from __future__ import annotations

from django.db import models

from audit.models.tenants import Tenant


class LogHead(models.Model):
    """One row a tenant. Its lock, taken last in a transaction, makes commit order the order of sequences."""

    tenant = models.OneToOneField(Tenant, models.PROTECT, primary_key=True, related_name="log_head")
    last_sequence = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(last_sequence__gte=0), name="log_head_positive")
        ]

    def __str__(self) -> str:
        return f"{self.tenant_id} at {self.last_sequence}"
