"""Tenants, the walls that nothing crosses, and the workspaces inside them."""

from __future__ import annotations

from django.db import models
from uuid_utils.compat import uuid7

SLUG_HELP = "Small letters, digits and hyphens; part of addresses, so it stays as it is."


class Tenant(models.Model):
    """A customer of the platform."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(unique=True, max_length=63, help_text=SLUG_HELP)
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)
    retention_days = models.PositiveIntegerField(
        "retention, in days",
        null=True,
        blank=True,
        help_text="How long entries are kept; empty: as the operator set.",
    )
    legal_hold = models.BooleanField(
        default=False, help_text="Nothing of this tenant's log is removed while it is set."
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Workspace(models.Model):
    """A part of a tenant. Entries keep its name as it was when they were recorded."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="workspaces")
    slug = models.SlugField(max_length=63, help_text=SLUG_HELP)
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["tenant", "slug"], name="workspace_slug_in_tenant")]

    def __str__(self) -> str:
        return self.name
