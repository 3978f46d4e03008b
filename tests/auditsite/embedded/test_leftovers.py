from __future__ import annotations

import os
from pathlib import Path

from auditsite import embedded
from auditsite.embedded import leftovers
from auditsite.embedded.places import socket_dir


def test_servers_that_a_killed_launcher_left_are_ended(data_dir: Path, servers: embedded.Servers) -> None:
    sockets = socket_dir(data_dir)
    assert leftovers.redis_answers(sockets / "redis.sock")

    leftovers.end_postgres(data_dir / "postgres", sockets)
    leftovers.end_redis(sockets / "redis.sock")

    assert not (data_dir / "postgres" / "postmaster.pid").exists()
    assert not leftovers.redis_answers(sockets / "redis.sock")
    servers.stop()


def test_a_lock_whose_number_another_program_has_by_now_is_cleared(tmp_path: Path) -> None:
    for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
        (tmp_path / name).write_text(f"{os.getpid()}\n/data\n")

    leftovers.end_postgres(tmp_path, tmp_path)

    assert not list(tmp_path.iterdir())


def test_a_lock_of_a_process_that_is_gone_is_left_to_postgres_itself(tmp_path: Path) -> None:
    (tmp_path / "postmaster.pid").write_text("999999999\n/data\n")

    leftovers.end_postgres(tmp_path, tmp_path)

    assert (tmp_path / "postmaster.pid").exists()


def test_a_socket_that_nobody_listens_on_is_no_redis(tmp_path: Path) -> None:
    leftovers.end_redis(tmp_path / "redis.sock")

    assert not leftovers.redis_answers(tmp_path / "redis.sock")
