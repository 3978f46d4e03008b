"""Events of the area "Runners"."""

from __future__ import annotations

from audit.catalog.kinds import SETTING_UPDATES, SYSTEM_CONFIGURATION, Area

AREA = Area("runners", "Runners", position=7)

# fmt: off
RUNNER_GROUP_CREATED = AREA.event("runner_group_created", "Runner group created", SYSTEM_CONFIGURATION, "runner_group", "A group that manages runners now exists.")
RUNNER_GROUP_DELETED = AREA.event("runner_group_deleted", "Runner group deleted", SYSTEM_CONFIGURATION, "runner_group", "A group that managed runners was removed.")
RUNNER_GROUP_EDITED = AREA.event("runner_group_edited", "Runner group edited", SYSTEM_CONFIGURATION, "runner_group changes", "The members or setup of a runner group were changed.")
RUNNER_GROUP_SET_AS_DEFAULT = AREA.event("runner_group_set_as_default", "Runner group set as default", SETTING_UPDATES, "runner_group previous_default", "New work goes to this runner group unless told otherwise.", sentence="set [runner group {runner_group}|a runner group] as default[ instead of {previous_default}]")
