"""People and their memberships in Django admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.db.models import QuerySet
from django.http import HttpRequest

from audit import people
from audit.admin.acting import NeverDeleted, acting
from audit.models import Membership, Person, Role


class NewPersonForm(AdminUserCreationForm):  # type: ignore[type-arg] # not subscriptable at run time
    """An address and a first password, by the rules for passwords."""

    class Meta:
        model = Person
        fields = ("email", "name")

    def clean_email(self) -> str:
        """As addresses are kept, so that one person is one row."""
        return str(self.cleaned_data["email"]).strip().lower()


class PersonForm(UserChangeForm[Person]):
    class Meta:
        model = Person
        fields = "__all__"


class MembershipForm(forms.ModelForm[Membership]):
    """A role in one tenant; a viewer's workspaces are that tenant's own."""

    class Meta:
        model = Membership
        fields = ("tenant", "role", "workspaces")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Another tenant is another membership: this one is removed, and both logs say so.
        if self.instance.pk is not None:
            self.fields["tenant"].disabled = True

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        tenant, workspaces = values.get("tenant"), values.get("workspaces") or []
        strangers = [workspace.name for workspace in workspaces if workspace.tenant != tenant]
        if workspaces and values.get("role") not in {None, Role.VIEWER}:
            self.add_error(
                "workspaces", "Only viewers are given workspaces; other roles read all of the tenant."
            )
        elif tenant is not None and strangers:
            self.add_error("workspaces", f"{', '.join(strangers)}: not in {tenant.name}.")
        return values


class MembershipInline(admin.TabularInline[Membership, Person]):
    model = Membership
    form = MembershipForm
    extra = 0
    autocomplete_fields = ("tenant", "workspaces")


@admin.register(Person)
class PersonAdmin(NeverDeleted, UserAdmin):  # type: ignore[type-arg] # not subscriptable at run time
    """People are deactivated, not deleted. Who and where they are is recorded in each of their tenants' logs."""

    form = PersonForm
    add_form = NewPersonForm
    inlines = (MembershipInline,)
    ordering = ("email",)
    list_display = ("email", "name", "tenants", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser")
    search_fields = ("email", "name", "memberships__tenant__slug")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        ("Access", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Times", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "usable_password", "password1", "password2")}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Person | None = None) -> tuple[str, ...]:
        fixed = ("last_login", "date_joined", *(("email",) if obj else ()))
        if request.user.is_superuser:
            return fixed
        return (*fixed, "is_staff", "is_superuser", "groups", "user_permissions")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        return super().get_queryset(request).prefetch_related("memberships__tenant")

    def get_inlines(self, request: HttpRequest, obj: Person | None) -> tuple[Any, ...]:
        """Memberships come with the second page, as permissions do."""
        return tuple(super().get_inlines(request, obj)) if obj else ()

    @admin.display(description="tenants")
    def tenants(self, person: Person) -> str:
        return ", ".join(f"{m.tenant.slug} ({m.role})" for m in person.memberships.all())

    def save_model(self, request: HttpRequest, obj: Person, form: Any, change: bool) -> None:  # noqa: FBT001
        super().save_model(request, obj, form, change)
        if change and "is_active" in form.changed_data:
            people.record_activity(obj, by=acting(request))

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: FBT001, ARG002
        formset.save(commit=False)
        by = acting(request)
        # Tenants in one order, as everywhere where several logs are written.
        for membership in sorted(formset.deleted_objects, key=lambda m: m.tenant_id):
            people.remove_member(membership, by=by)
        changed = (f for f in formset.forms if f.has_changed() and f not in formset.deleted_forms)
        for row in sorted(changed, key=lambda f: f.cleaned_data["tenant"].pk):
            values = row.cleaned_data
            people.set_membership(
                person=form.instance,
                tenant=values["tenant"],
                role=values["role"],
                workspaces=values["workspaces"],
                by=by,
            )
