"""Events of the area "Case related tables"."""

from __future__ import annotations

from audit.catalog.kinds import SYSTEM_CONFIGURATION, USER_ACTIONS, Area

AREA = Area("case_related_tables", "Case related tables", position=3)

# fmt: off
CUSTOM_CASES_TABLE_CREATED = AREA.event("custom_cases_table_created", "Custom cases table created", SYSTEM_CONFIGURATION, "table_name", "A custom table for cases now exists.")
CUSTOM_CASES_TABLE_EDITED = AREA.event("custom_cases_table_edited", "Custom cases table edited", SYSTEM_CONFIGURATION, "table_name changes", "A custom table for cases was changed.")
EXPORTED_TO_CSV = AREA.event("exported_to_csv", "Exported to CSV", USER_ACTIONS, "table_name row_count", "Rows of a custom cases table were taken away as a CSV file.", sentence="exported [custom cases table {table_name}|a custom cases table] to CSV[ ({row_count} rows)]")
FIELD_CREATED = AREA.event("field_created", "Field created", SYSTEM_CONFIGURATION, "table_name field_name field_type", "A custom cases table gained a field.")
FIELD_EDITED = AREA.event("field_edited", "Field edited", SYSTEM_CONFIGURATION, "table_name field_name changes", "A field of a custom cases table was changed.")
FIELD_DELETED = AREA.event("field_deleted", "Field deleted", SYSTEM_CONFIGURATION, "table_name field_name", "A custom cases table lost a field.")
