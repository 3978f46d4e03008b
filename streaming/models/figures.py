"""What requests to destinations took, counted where all workers meet: by the meaning of the answer, and by the hour."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from audit.models import Tenant
from streaming.models.streams import Stream

# Upper bounds in seconds, the last bucket being "longer". A request may take 30 s in all.
REQUEST_BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
# From recording to the answer; an hour and more is a backlog.
AGE_BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0, 600.0, 3600.0, 86400.0)
# Entries in one request.
SIZE_BOUNDS = (1.0, 5.0, 10.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0)


class Figures(models.Model):
    """Counters that only grow. `requests_in`, `ages_in` and `sizes_in` count per bucket, not cumulatively.

    Ages are those of entries that were delivered for the first time, a replay's are left out.
    """

    stream = models.ForeignKey(Stream, models.CASCADE, related_name="figures")
    outcome = models.CharField(max_length=30)
    requests = models.BigIntegerField(default=0)
    requests_in = ArrayField(models.BigIntegerField())
    seconds = models.FloatField(default=0.0)
    entries = models.BigIntegerField(default=0)
    sizes_in = ArrayField(models.BigIntegerField())
    bytes_sent = models.BigIntegerField(default=0)
    delivered = models.BigIntegerField(default=0)
    duplicates = models.BigIntegerField(default=0)
    ages_in = ArrayField(models.BigIntegerField())
    age_seconds = models.FloatField(default=0.0)

    class Meta:
        verbose_name_plural = "figures"
        constraints = [models.UniqueConstraint(fields=["stream", "outcome"], name="figures_once")]

    def __str__(self) -> str:
        return f"{self.requests} × {self.outcome} of {self.stream_id}"


class HourFigures(models.Model):
    """What a stream did within the hour from `hour` on (UTC), by when requests were sent; kept for a few days.

    `delivered` counts entries that went out for the first time; `requests` counts all, those of a replay too, and
    `failed` those of them that ended in anything but entries taken. `age_seconds` sums up how old delivered entries
    were when the answer came.
    """

    pk = models.CompositePrimaryKey("stream_id", "hour")
    stream = models.ForeignKey(Stream, models.CASCADE, db_index=False, related_name="hours")
    tenant = models.ForeignKey(Tenant, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    hour = models.DateTimeField()
    delivered = models.BigIntegerField(default=0)
    requests = models.BigIntegerField(default=0)
    failed = models.BigIntegerField(default=0)
    age_seconds = models.FloatField(default=0.0, db_default=0.0)

    class Meta:
        verbose_name_plural = "hour figures"

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}h of {self.stream_id}: {self.delivered}"
