"""Single tries to deliver, kept for a while so that a person can see what the destination answered."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from streaming.models.streams import Stream


class DeliveryAttempt(models.Model):
    """One request to a destination, and what its answer meant."""

    stream = models.ForeignKey(Stream, models.CASCADE, related_name="attempts")
    at = models.DateTimeField()
    first_sequence = models.BigIntegerField()
    last_sequence = models.BigIntegerField()
    outcome = models.CharField(max_length=30)
    delivered = models.PositiveIntegerField()
    code = models.CharField(max_length=100)
    reason = models.TextField(blank=True)
    http_status = models.PositiveSmallIntegerField(null=True)
    milliseconds = models.PositiveIntegerField()

    class Meta:
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["stream", "-at"], name="attempt_of_stream"),
            models.Index(
                fields=["stream", "first_sequence"],
                condition=Q(delivered__gt=0),
                name="attempt_that_delivered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.first_sequence}–{self.last_sequence}"
