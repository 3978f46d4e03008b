"""Exports in Django admin: how they are doing. Their files are for the person who made them, not for staff."""

from __future__ import annotations

from django.contrib import admin

from audit.admin.acting import OnlyForLooking
from audit.models import Export


@admin.register(Export)
class ExportAdmin(OnlyForLooking, admin.ModelAdmin[Export]):
    """What was asked for and what became of it."""

    actions = None
    show_full_result_count = False
    list_display = (
        "name", "tenant", "person", "state", "file_format", "promised", "written", "size", "asked_at", "attempts",
    )  # fmt: skip
    list_filter = ("state",)
    list_select_related = ("tenant", "person")
    search_fields = ("tenant__slug", "tenant__name", "person__email")
    fields = (
        "tenant", "number", "person", "state", "failure", "file_format", "compressed", "filters", "time_zone",
        "last_sequence", "promised", "written", "size", "sha256", "asked_at", "started_at", "finished_at",
        "expires_at", "attempts", "lease_owner", "leased_until",
    )  # fmt: skip
    readonly_fields = fields
