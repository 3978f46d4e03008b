"""Events of the area "Connections"."""

from __future__ import annotations

from audit.catalog.kinds import SYSTEM_CONFIGURATION, Area

AREA = Area("connections", "Connections", position=4)

# fmt: off
CONNECTION_CREATED = AREA.event("connection_created", "Connection created", SYSTEM_CONFIGURATION, "connection_name integration", "A connection to an outside service was set up.")
CONNECTION_DELETED = AREA.event("connection_deleted", "Connection deleted", SYSTEM_CONFIGURATION, "connection_name integration", "A connection to an outside service was removed.")
CONNECTION_EDITED = AREA.event("connection_edited", "Connection edited", SYSTEM_CONFIGURATION, "connection_name integration changes", "A connection to an outside service was changed.")
