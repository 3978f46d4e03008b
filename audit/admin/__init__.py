"""Django admin, for staff of the platform. It is entered by the same door as every other page."""

from __future__ import annotations

from allauth.account import admin as _of_allauth
from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django.contrib import admin

from audit.admin.api_keys import ApiKeyAdmin
from audit.admin.entries import AuditEntryAdmin
from audit.admin.exports import ExportAdmin
from audit.admin.people import PersonAdmin
from audit.admin.saved_views import SavedViewAdmin
from audit.admin.tenants import TenantAdmin, WorkspaceAdmin

__all__ = [
    "ApiKeyAdmin",
    "AuditEntryAdmin",
    "ExportAdmin",
    "PersonAdmin",
    "SavedViewAdmin",
    "TenantAdmin",
    "WorkspaceAdmin",
]

admin.site.site_header = "Auditsite for staff"
admin.site.site_title = "Auditsite"
admin.site.index_title = "Tenants, people and their logs"
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign] # as allauth tells to do it

# A person has one address here, their own row's: allauth's list of addresses would be a second truth.
if admin.site.is_registered(EmailAddress):
    _of_allauth.admin.site.unregister(EmailAddress)
