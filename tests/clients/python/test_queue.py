from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from auditsite_client.queue import Queue, QueueFull, QueueUnavailable

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
SOURCE = str(Path(sys.modules[Queue.__module__].__file__ or "").parents[1])
APPENDING = """
import sys
from pathlib import Path
from auditsite_client.queue import Queue
queue = Queue(Path(sys.argv[1]), most_entries=10_000, most_bytes=1_000_000, fsync=False)
for number in range(int(sys.argv[3])):
    queue.append(f"{sys.argv[2]}-{number}".encode())
    print(number, flush=True)
"""


def append_elsewhere(folder: Path, name: str, number: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", APPENDING, str(folder), name, str(number)]
    return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": SOURCE}, stdout=subprocess.PIPE)


def bodies(queue: Queue) -> list[bytes]:
    return [queued.body for queued in queue.next_batch(most=10_000, size=1_000_000)]


def test_entries_come_out_in_the_order_in_which_they_went_in(queue: Queue) -> None:
    for number in range(5):
        queue.append(b"%d" % number)

    assert bodies(queue) == [b"0", b"1", b"2", b"3", b"4"]
    assert queue.totals() == (5, 5)
    assert queue.ends() == (1, 5)


def test_a_batch_keeps_to_its_limits_but_is_never_empty(queue: Queue) -> None:
    for _ in range(4):
        queue.append(b"x" * 99)

    assert [len(queue.next_batch(most=most, size=size)) for most, size in [(3, 1_000), (9, 200), (9, 199), (9, 1)]] == [
        3, 2, 1, 1,
    ]  # fmt: skip


def test_what_was_sent_is_gone_and_ids_are_not_used_again(queue: Queue) -> None:
    queue.append(b"a")
    queue.remove([1])
    queue.append(b"b")

    assert (queue.ends(), queue.totals()) == ((2, 2), (1, 1))


def test_a_full_queue_says_so_and_takes_more_when_there_is_space(folder: Path) -> None:
    queue = Queue(folder, most_entries=2, most_bytes=10, fsync=True)
    queue.append(b"x" * 8)
    with pytest.raises(QueueFull, match="is full with 1 entries"):
        queue.append(b"xxx")
    queue.append(b"x")
    with pytest.raises(QueueFull, match="is full with 2 entries"):
        queue.append(b"x")

    queue.remove([1])
    queue.append(b"y")

    assert bodies(queue) == [b"x", b"y"]
    queue.close()


def test_what_is_set_aside_keeps_its_reason_and_can_be_sent_again(queue: Queue) -> None:
    for body in (b"a", b"b", b"c"):
        queue.append(body)

    queue.set_aside({2: "no such event"}, now=NOW)

    assert bodies(queue) == [b"a", b"c"]
    assert queue.all_set_aside() == [(2, b"b", "no such event", "2026-11-24T08:00:00+00:00")]
    assert queue.send_again() == 1
    assert (bodies(queue), queue.all_set_aside(), queue.totals().entries) == ([b"a", b"c", b"b"], [], 3)


def test_several_processes_and_threads_share_a_folder(queue: Queue, folder: Path) -> None:
    others = [append_elsewhere(folder, name, 50) for name in ("one", "two")]
    threads = [threading.Thread(target=queue.append, args=(b"thread-%d" % n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for other in others:
        other.communicate(timeout=60)
        assert other.returncode == 0

    expected = {f"{name}-{n}".encode() for name in ("one", "two") for n in range(50)}
    assert set(bodies(queue)) == expected | {b"thread-%d" % n for n in range(20)}
    assert queue.totals().entries == 120


def test_threads_that_come_together_are_written_together(folder: Path) -> None:
    queue = Queue(folder, most_entries=30, most_bytes=1_000_000)
    blocker = sqlite3.connect(folder / "queue.sqlite3", isolation_level=None)
    commits: list[str] = []
    queue._open().set_trace_callback(
        lambda statement: commits.append(statement) if statement == "COMMIT" else None
    )
    outcomes: list[str] = []

    def append(number: int) -> None:
        try:
            queue.append(b"%d" % number)
            outcomes.append("kept")
        except QueueFull:
            outcomes.append("full")

    threads = [threading.Thread(target=append, args=(number,)) for number in range(40)]
    blocker.execute("BEGIN IMMEDIATE")
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    blocker.execute("ROLLBACK")
    for thread in threads:
        thread.join()

    assert (outcomes.count("kept"), outcomes.count("full")) == (30, 10)
    assert (queue.totals().entries, len(commits)) == (30, 2)
    blocker.close()
    queue.close()


def test_a_write_that_fails_is_told_to_all_who_waited_for_it(queue: Queue) -> None:
    queue.append(b"kept")
    queue._open().execute("PRAGMA query_only=ON")

    with pytest.raises(QueueUnavailable, match="readonly database"):
        queue.append(b"lost if nobody were told")

    queue._open().execute("PRAGMA query_only=OFF")
    assert bodies(queue) == [b"kept"]


def test_what_was_appended_outlives_a_killed_process(queue: Queue, folder: Path) -> None:
    other = append_elsewhere(folder, "killed", 10_000)
    assert other.stdout is not None
    told = 0
    while told < 25:
        told = int(other.stdout.readline()) + 1
    other.kill()
    rest, _ = other.communicate()
    # The last line may have been cut by the kill.
    told += sum(1 for line in rest.split(b"\n")[:-1] if line)

    kept = bodies(queue)

    assert kept[:told] == [b"killed-%d" % n for n in range(told)]
    assert len(kept) == queue.totals().entries


def test_there_is_one_sender_at_a_time_and_a_killed_one_holds_nothing(queue: Queue, folder: Path) -> None:
    claiming = (
        APPENDING.partition("for number")[0]
        + "with queue.only_sender() as mine:\n  print(mine, flush=True); input()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", claiming, str(folder)],
        env={**os.environ, "PYTHONPATH": SOURCE}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert other.stdout is not None
    assert other.stdout.readline() == b"True\n"
    with queue.only_sender() as mine:
        assert not mine

    other.kill()
    other.communicate()

    with queue.only_sender() as mine, queue.only_sender() as second:
        assert (mine, second) == (True, False)


def test_only_the_service_itself_can_read_the_queue(queue: Queue, folder: Path) -> None:
    queue.append(b"a")

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    rights = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
    assert rights == dict.fromkeys(["queue.sqlite3", "queue.sqlite3-shm", "queue.sqlite3-wal"], 0o600)


def test_a_damaged_file_is_told_as_such(folder: Path) -> None:
    folder.mkdir()
    (folder / "queue.sqlite3").write_bytes(b"not a database " * 1_000)

    with pytest.raises(QueueUnavailable, match="cannot be used: file is not a database"):
        Queue(folder, most_entries=1, most_bytes=1)
