"""Events of the area "Cases"."""

from __future__ import annotations

from audit.catalog.kinds import USER_ACTIONS, Area

AREA = Area("cases", "Cases", position=2)

# fmt: off
CASE_EXPORTED = AREA.event("case_exported", "Case exported", USER_ACTIONS, "case_id case_name format", "A case was saved as a file to take away.")
CASE_SHARED = AREA.event("case_shared", "Case shared", USER_ACTIONS, "case_id case_name shared_with", "A case was opened to people who could not see it before.")
TABLE_EXPORTED_TO_CSV = AREA.event("table_exported_to_csv", "Table exported to CSV", USER_ACTIONS, "table_name row_count", "The cases table was taken away as a CSV file.")
