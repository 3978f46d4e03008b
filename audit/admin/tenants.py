"""Tenants and their workspaces in Django admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from audit import people, retention
from audit.admin.acting import NeverDeleted, acting
from audit.models import Tenant, Workspace


class SlugForm(forms.ModelForm[Any]):
    """A slug that reads well in an address."""

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        try:
            people.check_slug(slug)
        except forms.ValidationError as refused:
            raise forms.ValidationError(refused.messages) from None
        return slug


class TenantForm(SlugForm):
    """A tenant keeps its entries as long as the operator says, or longer."""

    def clean_retention_days(self) -> int | None:
        days: int | None = self.cleaned_data["retention_days"]
        retention.check_days(days)
        return days


@admin.register(Tenant)
class TenantAdmin(NeverDeleted, admin.ModelAdmin[Tenant]):
    """A tenant stays: its log cannot be taken away. Its slug is part of addresses and stays too."""

    form = TenantForm
    list_display = ("name", "slug", "people", "entries", "legal_hold", "created_at")
    search_fields = ("name", "slug")
    fields = ("name", "slug", "retention_days", "legal_hold", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tenant]:
        tenants = super().get_queryset(request).select_related("log_head")
        return tenants.annotate(people_count=Count("memberships"))

    def get_readonly_fields(self, request: HttpRequest, obj: Tenant | None = None) -> tuple[str, ...]:  # noqa: ARG002
        return ("slug", "created_at") if obj else ("created_at",)

    def save_model(self, request: HttpRequest, obj: Tenant, form: Any, change: bool) -> None:  # noqa: FBT001
        super().save_model(request, obj, form, change)
        if {"retention_days", "legal_hold"} & set(form.changed_data):
            days, hold = (form.initial.get(name) for name in ("retention_days", "legal_hold"))
            retention.record_change(obj, previous_days=days, previous_hold=bool(hold), by=acting(request))

    @admin.display(description="people", ordering="people_count")
    def people(self, tenant: Any) -> int:
        count: int = tenant.people_count
        return count

    @admin.display(description="entries")
    def entries(self, tenant: Tenant) -> SafeString:
        """How many there are, and the way to them. Looking at them leaves an entry."""
        head = getattr(tenant, "log_head", None)
        address = f"{reverse('admin:audit_auditentry_changelist')}?tenant__id__exact={tenant.pk}"
        return format_html('<a href="{}">{}</a>', address, f"{head.last_sequence if head else 0:,}")


@admin.register(Workspace)
class WorkspaceAdmin(admin.ModelAdmin[Workspace]):
    """Workspaces. Each change is recorded in the tenant's log."""

    form = SlugForm
    list_display = ("name", "slug", "tenant", "created_at")
    list_select_related = ("tenant",)
    search_fields = ("name", "slug", "tenant__name", "tenant__slug")
    autocomplete_fields = ("tenant",)
    fields = ("tenant", "name", "slug", "created_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Workspace | None = None) -> tuple[str, ...]:  # noqa: ARG002
        return ("tenant", "slug", "created_at") if obj else ("created_at",)

    def save_model(self, request: HttpRequest, obj: Workspace, form: Any, change: bool) -> None:  # noqa: FBT001
        super().save_model(request, obj, form, change)
        if not change:
            people.record_workspace(obj, previous_name=None, by=acting(request))
        elif "name" in form.changed_data:
            people.record_workspace(obj, previous_name=form.initial["name"], by=acting(request))

    def delete_model(self, request: HttpRequest, obj: Workspace) -> None:
        people.delete_workspace(obj, by=acting(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Workspace]) -> None:
        with transaction.atomic():
            for workspace in queryset.order_by("tenant_id", "name"):
                people.delete_workspace(workspace, by=acting(request))
