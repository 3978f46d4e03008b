from __future__ import annotations

from pathlib import Path

import pytest

from audit.exports import folders
from audit.models import Person, Tenant
from tests.exports import export_of


def test_files_lie_in_a_folder_of_their_tenant_and_are_for_nobody_else(
    acme: Tenant, ana: Person, folder: Path
) -> None:
    export = export_of(ana, acme, lease_epoch=3)

    with folders.create(export) as file:
        file.write(b"x")

    path = folder / str(acme.pk) / f"{export.pk}-3"
    assert path == folders.path_of(export)
    assert path.read_bytes() == b"x"
    assert [one.stat().st_mode & 0o777 for one in (folder, path.parent, path)] == [0o700, 0o700, 0o600]
    assert list(folders.present()) == [(path, export.pk, 3)]


def test_nothing_is_written_over_or_through_a_link(acme: Tenant, ana: Person, folder: Path) -> None:
    export = export_of(ana, acme)
    folders.create(export).close()

    with pytest.raises(FileExistsError):
        folders.create(export)

    folders.remove(export)
    folders.path_of(export).symlink_to(folder / "elsewhere")
    with pytest.raises(OSError):  # noqa: PT011 - of which kind, differs by system
        folders.create(export)


def test_a_file_is_removed_once_and_then_is_not_there(acme: Tenant, ana: Person, folder: Path) -> None:
    export = export_of(ana, acme)
    folders.create(export).close()

    folders.remove(export)
    folders.remove(export)

    assert list(folders.present()) == []
    assert folder.exists()
