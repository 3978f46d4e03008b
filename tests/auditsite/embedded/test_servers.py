from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from auditsite import embedded
from auditsite.embedded import leftovers, redis
from auditsite.embedded.places import servers_dir, socket_dir


def test_both_answer_at_the_addresses_that_were_known_before(
    lasting_dir: Path, lasting: embedded.Servers
) -> None:
    known = embedded.urls(lasting_dir)

    assert lasting.environment() == {"DATABASE_URL": known.database, "REDIS_URL": known.redis}
    assert leftovers.redis_answers(socket_dir(lasting_dir) / "redis.sock")


@pytest.mark.usefixtures("lasting", "data_dir")
def test_a_second_start_on_the_same_folder_is_refused_and_harms_nothing(lasting_dir: Path) -> None:
    with pytest.raises(
        embedded.CannotStart, match=r"Process \d+ already runs servers on .*AUDITSITE_DATA_DIR"
    ):
        embedded.start(lasting_dir)

    assert leftovers.redis_answers(socket_dir(lasting_dir) / "redis.sock")


def test_stopping_twice_is_harmless_and_the_folder_is_free_again(data_dir: Path) -> None:
    first = embedded.start(data_dir, durable=False)
    first.stop()
    first.stop()

    embedded.start(data_dir, durable=False).stop()


def test_only_what_the_environment_does_not_name_is_started(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example/audit")

    servers = embedded.start(data_dir, durable=False)
    answers = leftovers.redis_answers(socket_dir(data_dir) / "redis.sock")
    servers.stop()

    assert servers.database_url == "postgresql://db.example/audit"
    assert answers
    assert not (data_dir / "postgres").exists()


def test_nothing_is_started_or_made_when_both_are_named(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "redis").write_text("redis://mq.example/1\n")
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example/audit")
    monkeypatch.setenv("REDIS_URL_FILE", str(tmp_path / "redis"))

    servers = embedded.start(data_dir)

    assert servers.redis_url == "redis://mq.example/1"
    assert list(data_dir.iterdir()) == []


def test_a_launcher_that_is_killed_outright_stands_in_nobodys_way(data_dir: Path) -> None:
    run = [sys.executable, "-m", "auditsite.embedded", "run", "--data-dir", str(data_dir), "--"]
    launcher = subprocess.Popen([*run, "sh", "-c", "echo up; sleep 2"], stdout=subprocess.PIPE)
    assert launcher.stdout is not None
    assert launcher.stdout.readline() == b"up\n"
    launcher.send_signal(signal.SIGKILL)
    launcher.communicate()

    servers = embedded.start(data_dir)
    answers = leftovers.redis_answers(socket_dir(data_dir) / "redis.sock")
    servers.stop()

    assert answers


def test_a_server_that_was_killed_is_revived_with_what_it_held(data_dir: Path) -> None:
    servers = embedded.start(data_dir)
    with psycopg.connect(servers.database_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    number = int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])
    os.kill(number, signal.SIGKILL)
    while not (revived := servers.revive()):
        time.sleep(0.01)

    with psycopg.connect(servers.database_url) as connection:
        kept = connection.execute("SELECT number FROM kept").fetchone()
    again = servers.revive()
    servers.stop()

    assert revived == ["PostgreSQL"]
    assert kept == (7,)
    assert again == []


def test_a_long_path_works_and_leaves_nothing_in_the_temporary_folder(data_dir: Path) -> None:
    long = data_dir / ("x" * 120)

    servers = embedded.start(long, durable=False)
    answers = leftovers.redis_answers(socket_dir(long) / "redis.sock")
    servers.stop()

    assert answers
    assert not socket_dir(long).exists()


def test_a_data_folder_out_of_reach_says_where_the_files_lie(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    elsewhere = data_dir / "elsewhere"
    monkeypatch.setattr("auditsite.embedded.places.ROOTS_DATA", elsewhere)
    monkeypatch.setattr("auditsite.embedded.places.reachable", lambda folder, owner: False)  # noqa: ARG005 - its shape

    servers = embedded.start(tmp_path / "var", durable=False)
    servers.stop()

    assert servers.files == servers_dir(tmp_path / "var")
    assert (tmp_path / "var" / "servers").resolve() == servers.files
    assert elsewhere in servers.files.parents
    shutil.rmtree(elsewhere)


def test_a_start_that_fails_half_way_stops_what_already_ran(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_redis(*_args: object, **_options: object) -> None:
        raise embedded.CannotStart("no Redis today")

    monkeypatch.setattr(redis, "start", no_redis)

    with pytest.raises(embedded.CannotStart, match="no Redis today"):
        embedded.start(data_dir, durable=False)

    assert not (data_dir / "postgres" / "postmaster.pid").exists()
