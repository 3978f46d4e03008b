"""Send audit entries to Auditsite: kept on disk first, sent in the background, never lost and never waited for."""

from __future__ import annotations

from auditsite_client.client import Client, Options, Status
from auditsite_client.context import Context, acting, current
from auditsite_client.queue import QueueFull, QueueUnavailable

__all__ = [
    "Client",
    "Context",
    "Options",
    "QueueFull",
    "QueueUnavailable",
    "Status",
    "acting",
    "current",
]
