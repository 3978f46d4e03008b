"""Where the files of exports lie: a folder a tenant below EXPORTS_DIR, open to nobody but the product's own user."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings

from audit.models import Export

FOLDER, FILE = 0o700, 0o600
_NAME = re.compile(r"([0-9a-f-]{36})-(\d+)")
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


def path_of(export: Export) -> Path:
    """The file of whoever holds, or held last, the export's lease."""
    return _root() / str(export.tenant_id) / f"{export.pk}-{export.lease_epoch}"


def create(export: Export) -> BinaryIO:
    """A new file for the export, which only we may read. Raises OSError, also where there is one already."""
    path = path_of(export)
    _root().mkdir(mode=FOLDER, parents=True, exist_ok=True)
    path.parent.mkdir(mode=FOLDER, exist_ok=True)
    return os.fdopen(os.open(path, _NEW, FILE), "wb")


def remove(export: Export) -> None:
    """Take the export's file away, if there is one. What cannot be removed now is left to audit.exports.expiring."""
    with suppress(OSError):
        path_of(export).unlink()


def present() -> Iterator[tuple[Path, UUID, int]]:
    """The files that there are, each with its export's id and the number of the lease under which it was written."""
    for path in sorted(_root().glob("*/*")):
        if found := _NAME.fullmatch(path.name):
            yield path, UUID(found[1]), int(found[2])


def _root() -> Path:
    root: Path = settings.EXPORTS_DIR
    return root
