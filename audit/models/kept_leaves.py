"""What stays of an entry that retention removed: its place and its leaf hash, so that old proofs still verify."""

from __future__ import annotations

from django.db import models

from audit.models.tenants import Tenant


class KeptLeaf(models.Model):
    """The leaf hash of a removed entry. Written in the transaction that removes it; append-only like the log."""

    pk = models.CompositePrimaryKey("tenant_id", "sequence")
    tenant = models.ForeignKey(Tenant, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    sequence = models.BigIntegerField()
    leaf_hash = models.BinaryField()

    class Meta:
        verbose_name_plural = "kept leaves"

    def __str__(self) -> str:
        return f"{self.tenant_id} {self.sequence}"
