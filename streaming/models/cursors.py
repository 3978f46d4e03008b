"""How far a stream has come, who is working on it, and when it is due again."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from streaming.models.set_asides import SetAside
from streaming.models.streams import Stream

# Longer than the 30 s that one request may take in all, with time to judge it: a lease that runs out while its
# worker still sends would let a second one send the same batch.
LEASE = timedelta(seconds=90)


class State(models.TextChoices):
    """What a stream is doing; the first two are normal."""

    HEALTHY = "healthy", "Streaming"
    RETRYING = "retrying", "Retrying"
    HELD_FOR_CREDENTIALS = "held_for_credentials", "Held: the token is not accepted"
    HELD_FOR_SETTINGS = "held_for_settings", "Held: the settings need a person"

    @property
    def is_held(self) -> bool:
        return self in {State.HELD_FOR_CREDENTIALS, State.HELD_FOR_SETTINGS}


class CursorQuerySet(models.QuerySet["Cursor"]):
    """Leases and deadlines are compared with the database's clock only: workers' clocks may differ."""

    def due(self) -> CursorQuerySet:
        """Enabled, not leased, not waiting for its next attempt, and with something to do.

        That is: behind its tenant's head, waiting for an acknowledgement, or with set-asides to be sent again.
        """
        sent_again = SetAside.objects.filter(stream=OuterRef("pk"), send_again=True)
        return self.filter(
            Q(leased_until=None) | Q(leased_until__lt=Now()),
            Q(next_attempt_at=None) | Q(next_attempt_at__lte=Now()),
            Q(place__lt=F("stream__tenant__log_head__last_sequence"))
            | Q(ack_id__isnull=False)
            | Exists(sent_again),
            stream__enabled=True,
        )


class Cursor(models.Model):
    """The place a stream has reached: every entry up to `place` is delivered, set aside, or was left out by choice.

    `started_after` is the sequence that delivery began behind; `left_out` counts entries that a person chose not to
    send ("start from now", or a set-aside that was dismissed) and those that retention removed before they were sent;
    `not_matching` those that the stream's filter does not take, so that
    place - started_after = delivered + set_aside + left_out + not_matching.

    While delivery halves its way to an entry that the destination refuses, it is known to be among those up to
    `window_end`. `alike_refusals` counts set-asides in a row with the same `alike_code`: where everything is refused,
    the settings are wrong, not the entries. A batch that Splunk took but did not confirm yet is remembered by channel,
    id, last sequence and time (`ack_*`), so that a worker that takes over asks on.
    """

    stream = models.OneToOneField(Stream, models.CASCADE, primary_key=True, related_name="cursor")
    place = models.BigIntegerField(default=0)
    started_after = models.BigIntegerField(null=True)
    delivered = models.BigIntegerField(default=0)
    set_aside = models.BigIntegerField(default=0)
    left_out = models.BigIntegerField(default=0)
    not_matching = models.BigIntegerField(default=0)
    state = models.CharField(max_length=30, choices=State.choices, default=State.HEALTHY)
    held_since = models.DateTimeField(null=True)
    lease_owner = models.CharField(max_length=100, blank=True)
    lease_epoch = models.BigIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    batch_limit = models.PositiveIntegerField(null=True)
    window_end = models.BigIntegerField(null=True)
    alike_refusals = models.PositiveSmallIntegerField(default=0)
    alike_code = models.CharField(max_length=200, blank=True)
    ack_channel = models.UUIDField(null=True)
    ack_id = models.BigIntegerField(null=True)
    ack_last_sequence = models.BigIntegerField(null=True)
    ack_posted_at = models.DateTimeField(null=True)
    ack_polls = models.PositiveSmallIntegerField(default=0)
    ack_timeouts = models.PositiveSmallIntegerField(default=0)
    warning = models.TextField(blank=True)
    host = models.CharField(max_length=300, blank=True)
    troubled_since = models.DateTimeField(null=True)
    noticed_at = models.DateTimeField(null=True)
    notice_stage = models.CharField(max_length=20, blank=True)
    last_attempt_at = models.DateTimeField(null=True)
    last_success_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    last_error_code = models.CharField(max_length=100, blank=True)
    last_error_at = models.DateTimeField(null=True)

    objects = CursorQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["host"], name="cursor_of_host")]
        constraints = [
            models.CheckConstraint(
                condition=Q(started_after=None)
                | Q(
                    place=F("started_after")
                    + F("delivered")
                    + F("set_aside")
                    + F("left_out")
                    + F("not_matching")
                ),
                name="cursor_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stream_id} at {self.place}"
