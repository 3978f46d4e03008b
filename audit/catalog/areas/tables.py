"""Events of the area "Tables"."""

from __future__ import annotations

from audit.catalog.kinds import SYSTEM_CONFIGURATION, USER_ACTIONS, Area

AREA = Area("tables", "Tables", position=9)

# fmt: off
FIELD_CREATED = AREA.event("field_created", "Field created", SYSTEM_CONFIGURATION, "table_name field_name field_type", "A table gained a field.")
FIELD_DELETED = AREA.event("field_deleted", "Field deleted", SYSTEM_CONFIGURATION, "table_name field_name", "A table lost a field.")
FIELD_EDITED = AREA.event("field_edited", "Field edited", SYSTEM_CONFIGURATION, "table_name field_name changes", "A field of a table was changed.")
TABLE_CREATED = AREA.event("table_created", "Table created", SYSTEM_CONFIGURATION, "table_name", "A table now exists.")
TABLE_DELETED = AREA.event("table_deleted", "Table deleted", SYSTEM_CONFIGURATION, "table_name", "A table was removed.")
TABLE_EDITED = AREA.event("table_edited", "Table edited", SYSTEM_CONFIGURATION, "table_name changes", "A table was changed.")
TABLE_EXPORTED_TO_CSV = AREA.event("table_exported_to_csv", "Table exported to CSV", USER_ACTIONS, "table_name row_count", "The rows of a table were taken away as a CSV file.")
