"""Files go a day after they were ready; what tells of them stays."""

from __future__ import annotations

from datetime import datetime

from audit.exports import folders
from audit.models import Export, ExportState

_KEPT = (ExportState.RUNNING, ExportState.READY)


def expire(*, now: datetime) -> int:
    """Remove files that are past their time, and those that belong to no export any more; gives their number."""
    Export.objects.filter(state=ExportState.READY, expires_at__lte=now).update(
        state=ExportState.EXPIRED, link=""
    )
    # Listed before it is asked which are wanted: a file that was begun later is not among them.
    files = list(folders.present())
    wanted = set(
        Export.objects.filter(pk__in={export_id for _, export_id, _ in files}, state__in=_KEPT).values_list(
            "pk", "lease_epoch"
        )
    )
    strays = [path for path, export_id, epoch in files if (export_id, epoch) not in wanted]
    for path in strays:
        path.unlink(missing_ok=True)
    return len(strays)
