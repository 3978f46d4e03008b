"""How many entries a tenant's log holds by hour and category: what bars are drawn from (audit.activity)."""

from __future__ import annotations

from django.db import models

from audit.models.tenants import Tenant


class EntryCount(models.Model):
    """Entries that occurred within the hour from `hour` on (UTC). Counted in the transaction that writes them, under
    the head's lock; goes with the month that retention removes.
    """

    pk = models.CompositePrimaryKey("tenant_id", "hour", "category")
    tenant = models.ForeignKey(Tenant, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    hour = models.DateTimeField()
    category = models.TextField()
    number = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}h {self.category}: {self.number}"
