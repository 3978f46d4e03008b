"""The engine of exports: claims one, writes its file, and settles it. Knows no Celery.

However a run ends, the export goes on from there: a file that is not settled is removed, a failure says what to do, and
what ends without a word is begun anew when its lease has run out.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
from collections.abc import Callable, Iterator
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import DatabaseError, connection
from django.http import QueryDict
from django.utils import timezone

from audit import access, exporting, queries
from audit.exporting import NotAsPromised, Tally
from audit.exports import folders, leasing
from audit.exports.watching import Watch
from audit.filters import FilterError, filtered
from audit.models import Export
from audit.models.entries import EntryQuerySet

log = logging.getLogger(__name__)

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
_FAILURES = (OSError, NotAsPromised, FilterError, access.NotAllowed)


def write(export_id: UUID, *, owner: str, goes_on: Callable[[], bool]) -> bool:
    """Write one export's file, if it is due; False where there was nothing to do.

    `owner` names this run (`Export.lease_owner`); once `goes_on` is false, the export is put back.
    """
    export = leasing.claim(export_id, owner=owner)
    if export is None:
        return False
    counts = False
    watch, tally = None, Tally(export.promised)
    try:
        with Watch(export, tally=tally, goes_on=goes_on) as watch:
            size, digest = _fill(export, tally)
        counts = leasing.ready(export, written=tally.written, size=size, sha256=digest)
    except (*_FAILURES, DatabaseError) as error:
        _settle(export, watch, tally, error)
    finally:
        if not counts:
            folders.remove(export)
    return True


def entries_of(export: Export) -> EntryQuerySet:
    """The entries that were asked for, understood as they were then.

    Raises access.NotAllowed where the person's role has changed, FilterError where a filter is no more.
    """
    memberships = access.memberships_of(export.person).filter(tenant_id=export.tenant_id)
    may = next((access.may(one) for one in memberships), access.May())
    access.require(allowed=may.export and export.person.is_active, to="export entries")
    with timezone.override(ZoneInfo(export.time_zone)):
        found = filtered(
            queries.readable(export.tenant, workspaces=may.workspaces),
            QueryDict(export.filters),
            tenant=export.tenant,
            now=export.asked_at,
            workspaces=may.workspaces,
        )
    return found.filter(sequence__lte=export.last_sequence)


def _fill(export: Export, tally: Tally) -> tuple[int, str]:
    """Write the file; its size in bytes and its SHA-256."""
    size, digest = 0, hashlib.sha256()
    with folders.create(export) as file:
        for piece in _pieces(export, tally):
            file.write(piece)
            digest.update(piece)
            size += len(piece)
        file.flush()
        os.fsync(file.fileno())
    return size, digest.hexdigest()


def _pieces(export: Export, tally: Tally) -> Iterator[bytes]:
    pieces = exporting.rows(entries_of(export), exporting.FORMATS[export.file_format], tally=tally)
    return exporting.gzipped(pieces) if export.compressed else pieces


def _settle(export: Export, watch: Watch | None, tally: Tally, error: Exception) -> None:
    connection.close_if_unusable_or_obsolete()
    if watch is not None and watch.lost:
        return
    if watch is not None and watch.stopped:
        leasing.put_back(export)
    elif isinstance(error, DatabaseError):
        log.warning("Export %s was interrupted: %s", export.pk, error)
        leasing.let_go(export)
    else:
        log.warning("Export %s failed: %s", export.pk, error)
        leasing.fail(export, written=tally.written, reason=_reason(error))


def _reason(error: Exception) -> str:
    if isinstance(error, access.NotAllowed):  # which is an OSError to Python
        return str(error)
    if isinstance(error, NotAsPromised):
        return f"{error}: some were removed meanwhile. Try again for the log as it is now."
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return "There is no room left on the server's disk. Tell your operator, and try again later."
    if isinstance(error, OSError):
        return f"The file could not be written ({error.strerror}). Tell your operator."
    return f"Its filters cannot be used any more. {error}"
