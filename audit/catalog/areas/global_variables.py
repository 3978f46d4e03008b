"""Events of the area "Global variables"."""

from __future__ import annotations

from audit.catalog.kinds import SETTING_UPDATES, SYSTEM_CONFIGURATION, Area

AREA = Area("global_variables", "Global variables", position=6)

# fmt: off
GLOBAL_VARIABLE_CREATED = AREA.event("global_variable_created", "Global variable created", SYSTEM_CONFIGURATION, "variable_name", "A global variable now exists.")
GLOBAL_VARIABLE_DELETED = AREA.event("global_variable_deleted", "Global variable deleted", SYSTEM_CONFIGURATION, "variable_name", "A global variable was removed.")
GLOBAL_VARIABLE_EDITED = AREA.event("global_variable_edited", "Global variable edited", SETTING_UPDATES, "variable_name changes", "The value or setup of a global variable was changed.")
