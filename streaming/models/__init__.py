from __future__ import annotations

from streaming.models.attempts import DeliveryAttempt
from streaming.models.connection_tests import ConnectionTest, ProbeStatus
from streaming.models.cursors import LEASE, Cursor, State
from streaming.models.streams import Stream
from streaming.models.workers import WorkerSeen

__all__ = [
    "LEASE",
    "ConnectionTest",
    "Cursor",
    "DeliveryAttempt",
    "ProbeStatus",
    "State",
    "Stream",
    "WorkerSeen",
]
