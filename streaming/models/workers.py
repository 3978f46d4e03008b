"""Signs of life of the workers, for `/readyz`."""

from __future__ import annotations

from django.db import models


class WorkerSeen(models.Model):
    """When a worker last ran the sweep."""

    hostname = models.CharField(primary_key=True, max_length=200)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.hostname
