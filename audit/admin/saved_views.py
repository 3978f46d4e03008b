"""Saved views in Django admin: to look at. They are made and changed on the log's own pages."""

from __future__ import annotations

from django.contrib import admin

from audit.admin.acting import OnlyForLooking
from audit.models import SavedView


@admin.register(SavedView)
class SavedViewAdmin(OnlyForLooking, admin.ModelAdmin[SavedView]):
    list_display = ("name", "tenant", "owner", "is_default", "changed_at")
    list_filter = ("is_default", ("owner", admin.EmptyFieldListFilter))
    list_select_related = ("tenant", "owner")
    search_fields = ("name", "tenant__slug", "tenant__name", "owner__email")
    fields = ("tenant", "owner", "name", "filters", "is_default", "created_at", "changed_at")
    readonly_fields = fields
