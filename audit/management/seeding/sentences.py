"""What "Details" says: a sentence for an event, made from its parameters. Events without one say nothing more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SENTENCES = {
    "approval_management.request_approved": "“{request_name}” of {requested_by} was approved.",
    "approval_management.request_denied": "“{request_name}” of {requested_by} was turned down: {reason}",
    "approval_management.request_submitted": "Waits for one of {approvers}.",
    "case_related_tables.custom_cases_table_created": "Made from the template “Incident”.",
    "case_related_tables.custom_cases_table_edited": "Changed: {changes}",
    "case_related_tables.exported_to_csv": "{row_count} rows of {table_name} were downloaded.",
    "case_related_tables.field_created": "{field_name} ({field_type}) was added to {table_name}.",
    "case_related_tables.field_edited": "{field_name} of {table_name}: {changes}",
    "case_related_tables.field_deleted": "{field_name} was removed from {table_name}; its values are kept for 30 days.",
    "cases.case_exported": "{case_id} was downloaded as {format}, with comments and attachments.",
    "cases.case_shared": "{case_id} “{case_name}” is now open to {shared_with}.",
    "cases.table_exported_to_csv": "{row_count} cases were downloaded.",
    "connections.connection_created": "{integration}, authenticated with OAuth.",
    "connections.connection_deleted": "3 workflows used it until now.",
    "connections.connection_edited": "Changed: {changes}",
    "dashboards.dashboard_activated": "Shown to everybody in the workspace.",
    "dashboards.dashboard_edited": "Changed: {changes}",
    "dashboards.dashboard_metadata_edited": "Changed: {changes}",
    "global_variables.global_variable_created": "The value is kept encrypted.",
    "global_variables.global_variable_edited": "A new value was set; values are not recorded.",
    "runners.runner_group_edited": "{runner_group}: {changes}",
    "runners.runner_group_set_as_default": "{runner_group} instead of {previous_default}.",
    "self_service_apps.app_published": "Version {version} of {app_name} is open to the whole tenant.",
    "tables.field_created": "{field_name} ({field_type}) was added to {table_name}.",
    "tables.field_deleted": "{field_name} was removed from {table_name}.",
    "tables.field_edited": "{field_name} of {table_name}: {changes}",
    "tables.table_edited": "Changed: {changes}",
    "tables.table_exported_to_csv": "{row_count} rows of {table_name} were downloaded.",
    "tenant_admin_settings.audit_logs_exported": "{row_count} entries as {format}.",
    "tenant_admin_settings.blink_cloud_runner_updated": "{runner}: {changes}",
    "tenant_admin_settings.default_tenant_runner_updated": "{runner} instead of {previous_runner}.",
    "tenant_admin_settings.runner_auto_upgrade_updated": "Runners look for upgrades: {schedule}.",
    "tenant_admin_settings.saml_role_mapping_updated": "Group “secops” now gives the role Builder.",
    "tenant_admin_settings.saml_settings_updated": "The signing certificate of the identity provider was replaced.",
    "tenant_admin_settings.two_factor_authentication_disabled": "People sign in with their password alone.",
    "tenant_admin_settings.two_factor_authentication_enabled": "Everybody is asked for a second factor.",
    "tenant_admin_settings.audit_log_streaming_enabled": "Entries go to {url}.",
    "tenant_admin_settings.audit_log_streaming_disabled": "Delivery to {url} has stopped.",
    "tenant_admin_settings.audit_log_streaming_removed": "{delivered} went to {url}, {waiting} were not sent.",
    "tenant_admin_settings.audit_log_streaming_tested": "Test Connection to {url}: {result}.",
    "tenant_admin_settings.audit_log_streaming_held": "The destination refused the token; {waiting} entries wait.",
    "tenant_admin_settings.audit_log_streaming_recovered": "Held since {held_since}; delivery goes on.",
    "tenant_admin_settings.audit_log_replayed": "Entries {from_sequence} to {to_sequence} were sent again.",
    "tenant_admin_settings.audit_log_retention_updated": "{days} days instead of {previous_days}.",
    "tenant_user_management.group_name_updated": "Was called {previous_name}.",
    "tenant_user_management.role_updated": "{role_name}: {changes}",
    "tenant_user_management.service_account_role_changed": "{role} instead of {previous_role}.",
    "tenant_user_management.user_deactivated": "Every session of {username} has ended.",
    "tenant_user_management.user_invited": "{username} was invited as {role}.",
    "tenant_user_management.user_role_changed": "{role} instead of {previous_role}.",
    "users.sign_in_failed": "The password was wrong.",
    "workflows.pack_edited": "{pack_name}: {changes}",
    "workflows.workflow_activated": "{workflow_name} runs on its schedule from now on.",
    "workflows.workflow_deactivated": "{workflow_name} no longer runs; runs under way were let finish.",
    "workflows.workflow_deleted": "{workflow_name} can be restored for 30 days.",
    "workflows.workflow_published": "Version {version} of {workflow_name} is in use.",
    "workflows.workflow_settings_updated": "{workflow_name}: {changes}",
    "workspace_management.workspace_name_updated": "Was called {previous_name}.",
    "workspace_management.user_invited_added": "{username} joined as {role}.",
    "workspace_management.user_role_changed": "{role} instead of {previous_role}.",
}

FAILURES = (
    "Refused: somebody else had changed it meanwhile.",
    "Refused: a permission was missing.",
    "The runner did not answer in time; nothing was changed.",
)


def details(code: str, parameters: Mapping[str, Any]) -> str:
    """The sentence of this event, or nothing."""
    told = {key: _told(value) for key, value in parameters.items()}
    return SENTENCES.get(code, "").format_map(told)


def _told(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
