"""Entries in Django admin: read only for everybody, one tenant at a time, and every look is an entry there."""

from __future__ import annotations

import json
from typing import Any, cast
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.postgres.search import SearchQuery
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property

from audit import recording
from audit.admin.acting import OnlyForLooking, acting
from audit.catalog.areas.tenant_admin_settings import AUDIT_LOG_VIEWED_BY_STAFF
from audit.catalog.kinds import Category
from audit.drafts import Draft
from audit.models import AuditEntry, Tenant

TENANT = "tenant__id__exact"
COUNTED = 10_000


class CappedPaginator(Paginator[AuditEntry]):
    """Counts no further than `COUNTED`, so that a log of millions opens as fast as a small one."""

    @cached_property
    def count(self) -> int:
        entries = cast("QuerySet[AuditEntry]", self.object_list)
        return entries.order_by()[:COUNTED].count()


class CategoryFilter(admin.SimpleListFilter):
    """By the vocabulary's categories; nothing is asked of the table."""

    title, parameter_name = "category", "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [(category.value, category.label) for category in Category]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:  # noqa: ARG002
        return queryset.filter(category=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(OnlyForLooking, admin.ModelAdmin[AuditEntry]):
    """A.4 and I.9 of the requirements: no door that writes, and no look that leaves no trace."""

    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = None
    sortable_by = ()
    list_per_page = 50
    list_display = ("sequence", "occurred_at", "action", "details", "workspace_name", "done_by", "outcome")
    list_display_links = ("sequence",)
    list_filter = (CategoryFilter,)
    search_fields = ("search",)
    search_help_text = "Whole words in action, parameters, details, workspace or actor."
    fields = (
        "tenant", "sequence", "action", "event", "area", "category", "workspace_name", "done_by", "actor_type",
        "actor_id", "actor_name", "parameters", "details", "target", "outcome", "ip", "occurred_at", "recorded_at",
        "producer", "external_id", "document", "fingerprint",
    )  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        """The list does without what only an entry's own page shows."""
        return super().get_queryset(request).defer("body", "salt", "leaf_hash", "search")

    @admin.display(description="canonical JSON")
    def document(self, entry: AuditEntry) -> str:
        return json.dumps(json.loads(bytes(entry.body)), ensure_ascii=False, indent=1)

    @admin.display(description="leaf hash")
    def fingerprint(self, entry: AuditEntry) -> str:
        return bytes(entry.leaf_hash).hex()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        del request
        if not search_term.strip("\x00 "):
            return queryset, False
        words = SearchQuery(search_term.replace("\x00", " "), config="simple")
        return queryset.filter(search=words), False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.method != "GET" or not self.has_view_permission(request):
            raise PermissionDenied
        tenant = _tenant(request.GET.get(TENANT, ""))
        if tenant is None:
            messages.info(
                request, "Choose the tenant whose entries you want to read: the number is the way in."
            )
            return redirect("admin:audit_tenant_changelist")
        page = request.GET.get("p", "1")[:20]
        about = {key: value for key, value in request.GET.items() if key not in {TENANT, "p", "all"}}
        self._record(
            request, tenant, {"page": f"entries, page {page}", **({"filters": about} if about else {})}
        )
        shown: HttpResponse = super().changelist_view(
            request, {"title": f"Entries of {tenant.name}", **(extra_context or {})}
        )
        return shown

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        entry = self.get_object(request, object_id)
        if entry is not None and request.method != "POST" and self.has_view_permission(request, entry):
            self._record(request, entry.tenant, {"page": f"entry {entry.sequence}"})
        return super().change_view(request, object_id, form_url, extra_context)

    def history_view(self, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Entries have no history of changes."""
        raise PermissionDenied

    def _record(self, request: HttpRequest, tenant: Tenant, told: dict[str, Any]) -> None:
        by = acting(request)
        draft = Draft(AUDIT_LOG_VIEWED_BY_STAFF, by.actor, parameters=told, context=by.context)
        recording.record(tenant=tenant, draft=draft, now=by.now)


def _tenant(text: str) -> Tenant | None:
    try:
        return Tenant.objects.filter(pk=UUID(text)).first()
    except ValueError:
        return None
