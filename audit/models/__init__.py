from __future__ import annotations

from audit.models.api_keys import ApiKey, Scope
from audit.models.entries import AuditEntry, ExternalId
from audit.models.entry_counts import EntryCount
from audit.models.entry_kinds import EntryKind
from audit.models.exports import Export, ExportState
from audit.models.heads import LogHead
from audit.models.kept_leaves import KeptLeaf
from audit.models.people import Membership, Person, Role
from audit.models.saved_views import SavedView
from audit.models.tenants import Tenant, Workspace

__all__ = [
    "ApiKey",
    "AuditEntry",
    "EntryCount",
    "EntryKind",
    "Export",
    "ExportState",
    "ExternalId",
    "KeptLeaf",
    "LogHead",
    "Membership",
    "Person",
    "Role",
    "SavedView",
    "Scope",
    "Tenant",
    "Workspace",
]
