"""A tenant's settings for one destination."""

from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.db.models import Q
from uuid_utils.compat import uuid7

from audit.models import Tenant


class PayloadFormat(models.TextChoices):
    """What an entry looks like on the wire of a generic HTTP destination."""

    NATIVE = "native", "Auditsite's own JSON"
    ECS = "ecs", "Elastic Common Schema"
    OCSF = "ocsf", "Open Cybersecurity Schema Framework"


class Framing(models.TextChoices):
    """How entries stand together in one request of a generic HTTP destination."""

    ARRAY = "array", "JSON array"
    NDJSON = "ndjson", "One JSON object a line"
    SINGLE = "single", "One request for each entry"


def in_use(stream: str = "") -> Q:
    """Streams that send entries, or will once they are resumed; `stream` is the way to it from another model."""
    way = f"{stream}__" if stream else ""
    return Q(**{f"{way}enabled": True}) | Q(**{f"{way}paused_at__isnull": False})


class Stream(models.Model):
    """Where a tenant's entries go. The token is kept encrypted and bound to this row; it is never shown again.

    Entries are sent while it is `enabled`. A paused stream is not, and says since when and by whom: its settings stay
    open, and it waits to be resumed.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="streams")
    name = models.CharField(max_length=100, default="SIEM")
    enabled = models.BooleanField(default=False)
    paused_at = models.DateTimeField(null=True, editable=False)
    paused_by = models.TextField(blank=True, editable=False)
    destination_kind = models.CharField("destination type", max_length=40)
    url = models.TextField("URL", help_text="As it was entered; delivery calls the address made from it.")
    token_encrypted = models.BinaryField(null=True, editable=False)
    token_set_at = models.DateTimeField(null=True, editable=False)
    scheme = models.CharField(max_length=20, blank=True, editable=False)
    channel = models.UUIDField(default=uuid4, editable=False)
    entry_filter = models.TextField(
        blank=True, help_text="Which entries go, as the query of the Audit Log page; empty for all."
    )
    payload_format = models.CharField(
        "format", max_length=10, choices=PayloadFormat.choices, default=PayloadFormat.NATIVE
    )
    framing = models.CharField(max_length=10, choices=Framing.choices, default=Framing.ARRAY)
    signing_secret_encrypted = models.BinaryField(null=True, editable=False)
    gzip = models.BooleanField(default=True, editable=False)
    config_version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="stream_name_in_tenant"),
            models.CheckConstraint(
                condition=Q(enabled=False) | Q(paused_at=None), name="stream_paused_or_enabled"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.tenant}"

    @property
    def has_token(self) -> bool:
        return self.token_encrypted is not None

    @property
    def is_paused(self) -> bool:
        return self.paused_at is not None
