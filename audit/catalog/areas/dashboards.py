"""Events of the area "Dashboards"."""

from __future__ import annotations

from audit.catalog.kinds import SETTING_UPDATES, SYSTEM_CONFIGURATION, Area

AREA = Area("dashboards", "Dashboards", position=5)

# fmt: off
DASHBOARD_ACTIVATED = AREA.event("dashboard_activated", "Dashboard activated", SYSTEM_CONFIGURATION, "dashboard_name", "A dashboard went live.")
DASHBOARD_CREATED = AREA.event("dashboard_created", "Dashboard created", SYSTEM_CONFIGURATION, "dashboard_name", "A dashboard now exists.")
DASHBOARD_DEACTIVATED = AREA.event("dashboard_deactivated", "Dashboard deactivated", SYSTEM_CONFIGURATION, "dashboard_name", "A dashboard was taken out of use.")
DASHBOARD_DELETED = AREA.event("dashboard_deleted", "Dashboard deleted", SYSTEM_CONFIGURATION, "dashboard_name", "A dashboard was removed.")
DASHBOARD_EDITED = AREA.event("dashboard_edited", "Dashboard edited", SYSTEM_CONFIGURATION, "dashboard_name changes", "The layout or setup of a dashboard was changed.")
DASHBOARD_METADATA_EDITED = AREA.event("dashboard_metadata_edited", "Dashboard metadata edited", SETTING_UPDATES, "dashboard_name changes", "What describes a dashboard, such as its tags or owner, was changed.")
