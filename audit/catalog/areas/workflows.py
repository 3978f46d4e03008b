"""Events of the area "Workflows"."""

from __future__ import annotations

from audit.catalog.kinds import SETTING_UPDATES, SYSTEM_CONFIGURATION, Area

AREA = Area("workflows", "Workflows", position=13)

# fmt: off
PACK_CREATED = AREA.event("pack_created", "Pack created", SYSTEM_CONFIGURATION, "pack_name", "A pack now exists.")
PACK_DELETED = AREA.event("pack_deleted", "Pack deleted", SYSTEM_CONFIGURATION, "pack_name", "A pack was removed.")
PACK_EDITED = AREA.event("pack_edited", "Pack edited", SYSTEM_CONFIGURATION, "pack_name changes", "A pack was changed.")
WORKFLOW_ACTIVATED = AREA.event("workflow_activated", "Workflow activated", SYSTEM_CONFIGURATION, "workflow_name", "A workflow may run.")
WORKFLOW_CREATED = AREA.event("workflow_created", "Workflow created", SYSTEM_CONFIGURATION, "workflow_name", "A workflow now exists.")
WORKFLOW_DEACTIVATED = AREA.event("workflow_deactivated", "Workflow deactivated", SYSTEM_CONFIGURATION, "workflow_name", "A workflow may no longer run.")
WORKFLOW_DELETED = AREA.event("workflow_deleted", "Workflow deleted", SYSTEM_CONFIGURATION, "workflow_name", "A workflow was removed.")
WORKFLOW_PUBLISHED = AREA.event("workflow_published", "Workflow published", SYSTEM_CONFIGURATION, "workflow_name version", "A version of a workflow was put into use.")
WORKFLOW_SETTINGS_UPDATED = AREA.event("workflow_settings_updated", "Workflow settings updated", SETTING_UPDATES, "workflow_name changes", "How a workflow is set up was changed.")
