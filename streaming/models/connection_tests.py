"""Runs of Test Connection: the form's values as they stood, and what each phase found."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from uuid_utils.compat import uuid7

from audit.models import Tenant
from streaming.models.streams import Framing, PayloadFormat, Stream


class ProbeStatus(models.TextChoices):
    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    PASSED = "passed", "Passed"
    FAILED = "failed", "Failed"


class ConnectionTest(models.Model):
    """One press of the button. Its secrets are encrypted and wiped at its end; only the id crosses Redis."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+")
    stream = models.ForeignKey(Stream, models.SET_NULL, null=True, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    destination_kind = models.CharField(max_length=40)
    url = models.TextField()
    token_encrypted = models.BinaryField(null=True)
    payload_format = models.CharField(
        max_length=10, choices=PayloadFormat.choices, default=PayloadFormat.NATIVE
    )
    framing = models.CharField(max_length=10, choices=Framing.choices, default=Framing.ARRAY)
    signing_secret_encrypted = models.BinaryField(null=True)
    token_fingerprint = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=10, choices=ProbeStatus.choices, default=ProbeStatus.WAITING)
    phases = models.JSONField(default=list)
    summary = models.TextField(blank=True)
    hint = models.TextField(blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["tenant", "-created_at"], name="connection_test_of_tenant")]

    def __str__(self) -> str:
        return f"test of {self.destination_kind}: {self.status}"

    @property
    def is_done(self) -> bool:
        return self.status in {ProbeStatus.PASSED, ProbeStatus.FAILED}

    @property
    def milliseconds(self) -> int:
        return sum(phase.get("milliseconds") or 0 for phase in self.phases)
