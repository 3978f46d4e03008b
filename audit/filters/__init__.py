"""Filters of the log, for the page, the export and the API alike."""

from __future__ import annotations

from audit.filters.entries import TECHNICAL, AuditEntryFilter, FilterError, filtered

__all__ = ["TECHNICAL", "AuditEntryFilter", "FilterError", "filtered"]
