"""Events of the area "Tenant user management"."""

from __future__ import annotations

from audit.catalog.kinds import SETTING_UPDATES, SYSTEM_CONFIGURATION, Area

AREA = Area("tenant_user_management", "Tenant user management", position=11)

# fmt: off
GROUP_CREATED = AREA.event("group_created", "Group created", SYSTEM_CONFIGURATION, "group_name", "A group of users now exists.")
GROUP_DELETED = AREA.event("group_deleted", "Group deleted", SYSTEM_CONFIGURATION, "group_name", "A group of users was removed.")
GROUP_NAME_UPDATED = AREA.event("group_name_updated", "Group name updated", SETTING_UPDATES, "group_name previous_name", "A group of users was renamed.")
ROLE_CREATED = AREA.event("role_created", "Role created", SYSTEM_CONFIGURATION, "role_name", "A role now exists.")
ROLE_DELETED = AREA.event("role_deleted", "Role deleted", SYSTEM_CONFIGURATION, "role_name", "A role was removed.")
ROLE_UPDATED = AREA.event("role_updated", "Role updated", SYSTEM_CONFIGURATION, "role_name changes", "What a role allows was changed.")
SERVICE_ACCOUNT_ACTIVATED = AREA.event("service_account_activated", "Service account activated", SYSTEM_CONFIGURATION, "service_account", "A service account may act again.")
SERVICE_ACCOUNT_CREATED = AREA.event("service_account_created", "Service account created", SYSTEM_CONFIGURATION, "service_account", "A service account now exists.")
SERVICE_ACCOUNT_DEACTIVATED = AREA.event("service_account_deactivated", "Service account deactivated", SYSTEM_CONFIGURATION, "service_account", "A service account may no longer act.")
SERVICE_ACCOUNT_DELETED = AREA.event("service_account_deleted", "Service account deleted", SYSTEM_CONFIGURATION, "service_account", "A service account was removed.")
SERVICE_ACCOUNT_GROUP_ASSIGNMENT_UPDATED = AREA.event("service_account_group_assignment_updated", "Service account group assignment updated", SYSTEM_CONFIGURATION, "service_account groups_added groups_removed", "A service account joined or left groups.")
SERVICE_ACCOUNT_ROLE_CHANGED = AREA.event("service_account_role_changed", "Service account role changed", SYSTEM_CONFIGURATION, "service_account role previous_role", "A service account was given another role.")
USER_ACTIVATED = AREA.event("user_activated", "User activated", SYSTEM_CONFIGURATION, "username", "A user may sign in again.")
USER_DEACTIVATED = AREA.event("user_deactivated", "User deactivated", SYSTEM_CONFIGURATION, "username", "A user may no longer sign in.")
USER_DELETED = AREA.event("user_deleted", "User deleted", SYSTEM_CONFIGURATION, "username", "A user was removed.")
USER_GROUP_ASSIGNMENT_UPDATED = AREA.event("user_group_assignment_updated", "User group assignment updated", SYSTEM_CONFIGURATION, "username groups_added groups_removed", "A user joined or left groups.")
USER_INVITED = AREA.event("user_invited", "User invited", SYSTEM_CONFIGURATION, "username role", "Someone was asked to join the tenant.")
USER_ROLE_CHANGED = AREA.event("user_role_changed", "User role changed", SYSTEM_CONFIGURATION, "username role previous_role", "A user was given another role in the tenant.")
