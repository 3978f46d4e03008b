from __future__ import annotations

from streaming.models.attempts import DeliveryAttempt
from streaming.models.connection_tests import ConnectionTest, ProbeStatus
from streaming.models.cursors import LEASE, Cursor, State
from streaming.models.figures import Figures, HourFigures
from streaming.models.replays import Replay, ReplayState
from streaming.models.set_asides import Resolution, SetAside
from streaming.models.streams import Framing, PayloadFormat, Stream
from streaming.models.workers import WorkerSeen

__all__ = [
    "LEASE",
    "ConnectionTest",
    "Cursor",
    "DeliveryAttempt",
    "Figures",
    "Framing",
    "HourFigures",
    "PayloadFormat",
    "ProbeStatus",
    "Replay",
    "ReplayState",
    "Resolution",
    "SetAside",
    "State",
    "Stream",
    "WorkerSeen",
]
