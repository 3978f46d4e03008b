"""API keys in Django admin: what they are, and the end of them. A key itself is shown nowhere, it is not kept."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from audit import keys
from audit.admin.acting import OnlyForLooking, acting
from audit.models import ApiKey


@admin.register(ApiKey)
class ApiKeyAdmin(OnlyForLooking, admin.ModelAdmin[ApiKey]):
    """Keys are made by tenants' admins or `manage.py create_api_key`; the action here revokes them."""

    list_display = ("name", "tenant", "prefix", "opens", "expires_at", "last_used_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    list_select_related = ("tenant",)
    search_fields = ("name", "prefix", "tenant__slug", "tenant__name")
    fields = (
        "tenant", "name", "prefix", "opens", "created_by", "created_at", "expires_at", "last_used_at", "revoked_at",
    )  # fmt: skip
    readonly_fields = fields
    actions = ("revoke",)

    @admin.display(description="scopes")
    def opens(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Who may change keys by Django's permissions; the forms stay shut for them too."""
        return request.user.has_perm("audit.change_apikey")

    @admin.action(description="Revoke the selected keys", permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        by = acting(request)
        ended = queryset.filter(revoked_at=None).select_related("tenant").order_by("tenant_id", "pk")
        names = [key.name for key in ended]
        for key in ended:
            keys.revoke_key(key, now=by.now, actor=by.actor, context=by.context)
        told = (
            f"Revoked: {', '.join(names)}."
            if names
            else "Nothing to revoke: those keys were revoked already."
        )
        self.message_user(request, told, messages.SUCCESS if names else messages.INFO)
