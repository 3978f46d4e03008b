"""Filters of the log that somebody keeps under a name: for themselves, or for everybody in the tenant."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from uuid_utils.compat import uuid7

from audit.models.tenants import Tenant

LONGEST_NAME = 60


class SavedView(models.Model):
    """Belongs to a person, or without an owner to the tenant, which is what "shared" means.

    `filters` is the part of an address behind its `?`, as the page writes it. What a person's log opens with stands in
    their Membership; `is_default` is for those who chose nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="saved_views")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="saved_views",
        help_text="Whose it is; empty: everybody's in the tenant.",
    )
    name = models.CharField(max_length=LONGEST_NAME)
    filters = models.TextField(help_text="As they stand in the page's address, behind the “?”.")
    is_default = models.BooleanField(
        "the tenant's default",
        default=False,
        help_text="What the log opens with for people who chose nothing.",
    )
    created_at = models.DateTimeField(editable=False)
    changed_at = models.DateTimeField(editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                "tenant", "owner", Lower("name"), name="saved_view_name_once", nulls_distinct=False
            ),
            models.UniqueConstraint(
                fields=["tenant"], condition=models.Q(is_default=True), name="saved_view_one_default"
            ),
            models.CheckConstraint(
                condition=models.Q(is_default=False) | models.Q(owner=None),
                name="saved_view_default_is_shared",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def shared(self) -> bool:
        return self.owner_id is None
