"""Ranges of the log that a person asked to be sent once more."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from uuid_utils.compat import uuid7

from streaming.models.streams import Stream


class ReplayState(models.TextChoices):
    RUNNING = "running", "Running"
    PAUSED = "paused", "Paused"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "Cancelled"

    @property
    def is_open(self) -> bool:
        return self in {ReplayState.RUNNING, ReplayState.PAUSED}


class Replay(models.Model):
    """One replay: entries first_sequence to last_sequence, sent again with the same ids behind live delivery.

    The stream's own cursor is not moved. Everything up to `place` is done:
    place - first_sequence + 1 = delivered + refused + not_matching + removed.

    `alike_refusals` counts refusals in a row with the same `alike_code`: where all is refused, the replay pauses.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    stream = models.ForeignKey(Stream, models.CASCADE, related_name="replays")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    first_sequence = models.BigIntegerField()
    last_sequence = models.BigIntegerField()
    counted = models.BigIntegerField(help_text="How many entries were to go, as it was said beforehand.")
    place = models.BigIntegerField()
    delivered = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    not_matching = models.BigIntegerField(default=0)
    removed = models.BigIntegerField(default=0)
    state = models.CharField(max_length=10, choices=ReplayState.choices, default=ReplayState.RUNNING)
    failures = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    batch_limit = models.PositiveIntegerField(null=True)
    alike_refusals = models.PositiveSmallIntegerField(default=0)
    alike_code = models.CharField(max_length=200, blank=True)
    lease_owner = models.CharField(max_length=100, blank=True)
    lease_epoch = models.BigIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    place=F("first_sequence")
                    - 1
                    + F("delivered")
                    + F("refused")
                    + F("not_matching")
                    + F("removed")
                ),
                name="replay_adds_up",
            ),
            models.UniqueConstraint(
                fields=["stream"], condition=Q(state__in=["running", "paused"]), name="replay_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"replay of {self.first_sequence}–{self.last_sequence} for {self.stream_id}"

    @property
    def is_open(self) -> bool:
        return ReplayState(self.state).is_open

    @property
    def looked_at(self) -> int:
        """How many entries of the range are behind it."""
        return self.place - self.first_sequence + 1

    @property
    def number(self) -> int:
        """How many entries lie in the range."""
        return self.last_sequence - self.first_sequence + 1
