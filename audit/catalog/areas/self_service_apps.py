"""Events of the area "Self-service apps"."""

from __future__ import annotations

from audit.catalog.kinds import SYSTEM_CONFIGURATION, Area

AREA = Area("self_service_apps", "Self-service apps", position=8)

# fmt: off
APP_CREATED = AREA.event("app_created", "App created", SYSTEM_CONFIGURATION, "app_name", "A self-service app now exists.")
APP_DELETED = AREA.event("app_deleted", "App deleted", SYSTEM_CONFIGURATION, "app_name", "A self-service app was removed.")
APP_PUBLISHED = AREA.event("app_published", "App published", SYSTEM_CONFIGURATION, "app_name version", "A self-service app was opened to its users.")
