from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from auditsite_client.queue_file import open_file


@pytest.mark.parametrize(("fsync", "level"), [(True, 2), (False, 1)])
def test_each_commit_goes_through_to_the_disk_unless_told_otherwise(
    tmp_path: Path, fsync: bool, level: int
) -> None:
    file = open_file(tmp_path / "queue.sqlite3", fsync=fsync)

    assert file.execute("PRAGMA synchronous").fetchone() == (level,)
    assert file.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    file.close()


def test_threads_may_share_a_connection_as_sqlite_is_built_here() -> None:
    assert sqlite3.threadsafety == 3


def test_many_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        files = list(pool.map(lambda _: open_file(tmp_path / "queue.sqlite3", fsync=False), range(32)))

    assert [file.execute("SELECT entries, bytes FROM totals").fetchall() for file in files] == [[(0, 0)]] * 32
    for file in files:
        file.close()
