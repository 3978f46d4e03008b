"""The outbox: entries that are committed, or rolled back, with what they tell of."""

from __future__ import annotations

from django.db import models


class OutboxEntry(models.Model):
    """An entry on its way; the row goes when the server has it. `set_aside` is the reason of one that was refused."""

    tenant = models.CharField(max_length=63, blank=True)
    body = models.TextField()
    set_aside = models.TextField(blank=True)
    set_aside_at = models.DateTimeField(null=True, blank=True)

    objects: models.Manager[OutboxEntry] = models.Manager()

    class Meta:
        app_label = "auditsite_client"
        verbose_name_plural = "outbox entries"
        indexes = [
            models.Index(
                fields=["tenant", "id"], condition=models.Q(set_aside=""), name="audit_outbox_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.tenant or 'entry'} {self.pk}"


class OutboxClaim(models.Model):
    """Who sends a tenant's entries at present; runs out by itself when its holder was killed."""

    tenant = models.CharField(max_length=63, primary_key=True)
    holder = models.UUIDField()
    until = models.DateTimeField()

    objects: models.Manager[OutboxClaim] = models.Manager()

    class Meta:
        app_label = "auditsite_client"

    def __str__(self) -> str:
        return f"{self.tenant or 'entries'}: {self.holder} until {self.until}"
