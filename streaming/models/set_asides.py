"""Entries that a destination refused for their own content: where they are, what it said, what became of them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from streaming.models.replays import Replay
from streaming.models.streams import Stream


class Resolution(models.TextChoices):
    """How a set-aside ended."""

    SENT = "sent", "Sent again"
    DISMISSED = "dismissed", "Dismissed"


class SetAside(models.Model):
    """A pointer to one entry of the tenant's log, and the answer that it got. The entry itself stays in the log.

    `replay` is set where a replay was refused an entry that the cursor had counted before, as delivered or left out:
    a replay moves no cursor, so such a row is no part of `Cursor.set_aside`, and its end moves no count either.
    """

    stream = models.ForeignKey(Stream, models.CASCADE, related_name="set_asides")
    replay = models.ForeignKey(Replay, models.CASCADE, null=True, related_name="set_asides")
    sequence = models.BigIntegerField()
    entry_id = models.UUIDField()
    at = models.DateTimeField()
    code = models.CharField(max_length=200)
    http_status = models.PositiveSmallIntegerField(null=True)
    reason = models.TextField()
    tries = models.PositiveIntegerField(default=1)
    last_tried_at = models.DateTimeField()
    send_again = models.BooleanField(default=False)
    resolution = models.CharField(max_length=10, choices=Resolution.choices, blank=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    dismissed_because = models.TextField(blank=True)

    class Meta:
        ordering = ["sequence"]
        constraints = [
            models.UniqueConstraint(fields=["stream", "sequence"], name="set_aside_once"),
            models.CheckConstraint(
                condition=Q(resolution="", resolved_at=None)
                | (~Q(resolution="") & Q(resolved_at__isnull=False)),
                name="set_aside_resolved_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["stream", "sequence"], condition=Q(resolution=""), name="set_aside_open"),
            models.Index(
                fields=["stream", "sequence"], condition=Q(send_again=True), name="set_aside_to_send"
            ),
        ]

    def __str__(self) -> str:
        return f"entry {self.sequence} of {self.stream_id}"
