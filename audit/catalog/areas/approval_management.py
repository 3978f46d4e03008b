"""Events of the area "Approval management"."""

from __future__ import annotations

from audit.catalog.kinds import USER_ACTIONS, Area

AREA = Area("approval_management", "Approval management", position=1)

# fmt: off
REQUEST_APPROVED = AREA.event("request_approved", "Request approved", USER_ACTIONS, "request_name requested_by", "Someone allowed to decide said yes to a waiting request.")
REQUEST_DENIED = AREA.event("request_denied", "Request denied", USER_ACTIONS, "request_name requested_by reason", "Someone allowed to decide turned a waiting request down.")
REQUEST_SUBMITTED = AREA.event("request_submitted", "Request submitted", USER_ACTIONS, "request_name approvers", "Someone asked for an approval.")
