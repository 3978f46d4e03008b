"""Events of the area "Tenant admin settings"."""

from __future__ import annotations

from audit.catalog.kinds import SETTING_UPDATES, SYSTEM_CONFIGURATION, USER_ACTIONS, Area

AREA = Area("tenant_admin_settings", "Tenant admin settings", position=10)

# fmt: off
AUDIT_LOGS_EXPORTED = AREA.event("audit_logs_exported", "Audit logs exported", USER_ACTIONS, "format filters row_count", "Audit log entries were taken away as a file.", sentence="exported audit logs[ as {format}][ ({row_count} entries)]")
BLINK_CLOUD_RUNNER_UPDATED = AREA.event("blink_cloud_runner_updated", "Blink-cloud runner updated", SETTING_UPDATES, "runner changes", "The setup of the Blink cloud runner was changed.", sentence="updated the Blink-cloud runner[ {runner}]")
DEFAULT_TENANT_RUNNER_UPDATED = AREA.event("default_tenant_runner_updated", "Default tenant runner updated", SETTING_UPDATES, "runner previous_runner", "Another runner became the tenant's default.", sentence="changed the tenant's default runner[ from {previous_runner}][ to {runner}]")
RUNNER_AUTO_UPGRADE_UPDATED = AREA.event("runner_auto_upgrade_updated", "Runner auto upgrade updated", SETTING_UPDATES, "enabled schedule", "How runners upgrade themselves was changed.", sentence="updated the auto upgrade of runners[, enabled: {enabled}][, schedule: {schedule}]")
SAML_ROLE_MAPPING_UPDATED = AREA.event("saml_role_mapping_updated", "SAML role mapping updated", SETTING_UPDATES, "changes", "Which SAML attributes give which role was changed.")
SAML_SETTINGS_UPDATED = AREA.event("saml_settings_updated", "SAML settings updated", SETTING_UPDATES, "changes", "How people sign in over SAML was changed.")
TWO_FACTOR_AUTHENTICATION_DISABLED = AREA.event("two_factor_authentication_disabled", "Two-factor authentication disabled", SETTING_UPDATES, "", "The tenant no longer asks for a second factor.")
TWO_FACTOR_AUTHENTICATION_ENABLED = AREA.event("two_factor_authentication_enabled", "Two-factor authentication enabled", SETTING_UPDATES, "", "The tenant now asks for a second factor.")
AUDIT_LOG_STREAMING_ENABLED = AREA.event("audit_log_streaming_enabled", "Audit log streaming enabled", SETTING_UPDATES, "stream_name destination_type url", "Entries go to the stream's destination from now on.", extension=True, sentence="enabled audit log streaming[ by stream {stream_name}][ to {url}]")
AUDIT_LOG_STREAMING_DISABLED = AREA.event("audit_log_streaming_disabled", "Audit log streaming disabled", SETTING_UPDATES, "stream_name destination_type url", "Delivery to the stream's destination was switched off.", extension=True, sentence="disabled audit log streaming[ by stream {stream_name}][ to {url}]")
AUDIT_LOG_STREAMING_SETTINGS_UPDATED = AREA.event("audit_log_streaming_settings_updated", "Audit log streaming settings updated", SETTING_UPDATES, "stream_name changed", "Where or how entries are delivered was changed.", extension=True, sentence="updated the streaming settings[ of stream {stream_name}][: {changed}]")
AUDIT_LOG_STREAMING_REMOVED = AREA.event("audit_log_streaming_removed", "Audit log streaming removed", SETTING_UPDATES, "stream_name destination_type url delivered waiting set_aside", "A stream was removed, with its place, its token and its set-asides.", extension=True, sentence="removed [stream {stream_name}|a stream][ to {url}]")
AUDIT_LOG_STREAMING_TESTED = AREA.event("audit_log_streaming_tested", "Audit log streaming tested", USER_ACTIONS, "destination_type url result failed_phase", "Someone ran Test Connection.", extension=True, sentence="tested the connection[ to {url}]")
AUDIT_LOG_STREAMING_HELD = AREA.event("audit_log_streaming_held", "Audit log streaming held", SYSTEM_CONFIGURATION, "stream_name reason waiting", "A stream stopped by itself and waits for a person, its place kept.", extension=True, sentence="held [stream {stream_name}|a stream][: {reason}]")
AUDIT_LOG_STREAMING_RECOVERED = AREA.event("audit_log_streaming_recovered", "Audit log streaming recovered", SYSTEM_CONFIGURATION, "stream_name held_since", "A stream that had been held delivers again.", extension=True, sentence="resumed [stream {stream_name}|a stream]")
AUDIT_LOG_REPLAYED = AREA.event("audit_log_replayed", "Audit log replayed", USER_ACTIONS, "stream_name from_sequence to_sequence entries", "Entries were sent to a destination again.", extension=True, sentence="replayed entries[ {from_sequence} to {to_sequence}][ to stream {stream_name}]")
AUDIT_LOG_SET_ASIDES_DISMISSED = AREA.event("audit_log_set_asides_dismissed", "Audit log set-asides dismissed", USER_ACTIONS, "stream_name from_sequence to_sequence entries reason", "Entries that a destination had refused were given up; they stay in the log.", extension=True, sentence="dismissed [{entries} |]set-aside entries[ of stream {stream_name}][: {reason}]")
AUDIT_LOG_RETENTION_UPDATED = AREA.event("audit_log_retention_updated", "Audit log retention updated", SETTING_UPDATES, "days previous_days", "How long entries are kept was changed.", extension=True, sentence="changed the retention of the audit log[ from {previous_days}][ to {days} days]")
AUDIT_LOG_RETENTION_APPLIED = AREA.event("audit_log_retention_applied", "Audit log retention applied", SYSTEM_CONFIGURATION, "entries first_sequence last_sequence from to", "Entries that were past their time were removed, their leaf hashes kept.", extension=True, sentence="removed [{entries} |]entries that were past their time")
AUDIT_LOG_VIEWED_BY_STAFF = AREA.event("audit_log_viewed_by_staff", "Audit log viewed by staff", USER_ACTIONS, "page", "Staff of the platform looked at this tenant's entries.", extension=True, sentence="viewed the audit log as staff of the platform[: {page}]")
