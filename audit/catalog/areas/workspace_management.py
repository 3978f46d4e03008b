"""Events of the area "Workspace management"."""

from __future__ import annotations

from audit.catalog.kinds import SETTING_UPDATES, SYSTEM_CONFIGURATION, Area

AREA = Area("workspace_management", "Workspace management", position=14)

# fmt: off
WORKSPACE_CREATED = AREA.event("workspace_created", "Workspace created", SYSTEM_CONFIGURATION, "workspace_name", "A workspace now exists.")
WORKSPACE_DELETED = AREA.event("workspace_deleted", "Workspace deleted", SYSTEM_CONFIGURATION, "workspace_name", "A workspace was removed.")
WORKSPACE_NAME_UPDATED = AREA.event("workspace_name_updated", "Workspace name updated", SETTING_UPDATES, "workspace_name previous_name", "A workspace was renamed.")
USER_INVITED_ADDED = AREA.event("user_invited_added", "User invited/added", SYSTEM_CONFIGURATION, "username role", "Someone was invited or added to a workspace.", sentence="added [user {username}|a user][ as {role}][ to {workspace}]")
USER_REMOVED = AREA.event("user_removed", "User removed", SYSTEM_CONFIGURATION, "username", "Someone lost access to a workspace.", sentence="removed [user {username}|a user][ from {workspace}]")
USER_ROLE_CHANGED = AREA.event("user_role_changed", "User role changed", SYSTEM_CONFIGURATION, "username role previous_role", "A user was given another role in a workspace.")
