"""API keys as they are kept: never the key itself, only what recognises it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from uuid_utils.compat import uuid7

from audit.models.tenants import Tenant


class Scope(models.TextChoices):
    INGEST = "ingest", "Send entries in"
    READ = "read", "Read entries and streams"


class ApiKey(models.Model):
    """A key that a service shows to the API. It names the tenant; `scopes` say what it opens."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="api_keys")
    name = models.CharField(max_length=100, help_text="Who uses it; becomes the entries' producer.")
    prefix = models.CharField(max_length=8, db_index=True, editable=False)
    digest = models.BinaryField(max_length=32, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope.choices))
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API key"
        verbose_name_plural = "API keys"
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def opens(self) -> list[str]:
        """What its scopes open, in words; a scope that is no longer known as it stands."""
        words = dict(Scope.choices)
        return [words.get(scope, scope) for scope in self.scopes]
