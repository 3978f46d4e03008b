"""The one signal of the log: entries of a tenant were committed. It carries `tenant_id`; losing it costs seconds."""

from __future__ import annotations

from django.dispatch import Signal

entries_recorded = Signal()
