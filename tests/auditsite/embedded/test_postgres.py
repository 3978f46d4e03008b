from __future__ import annotations

import os
import signal
from pathlib import Path

import psycopg
import pytest

from auditsite import embedded


def ask(servers: embedded.Servers, query: str) -> object:
    with psycopg.connect(servers.database_url) as connection:
        row = connection.execute(query).fetchone()
        assert row is not None
        return row[0]


def test_only_the_socket_is_listened_on_and_nobody_else_may_open_it(
    servers: embedded.Servers, data_dir: Path
) -> None:
    assert ask(servers, "SHOW listen_addresses") == ""
    assert ask(servers, "SHOW unix_socket_permissions") == "0700"
    assert (data_dir / "run").stat().st_mode & 0o777 == 0o700


def test_the_server_never_runs_as_root(lasting: embedded.Servers) -> None:
    assert (lasting.files / "postgres" / "postmaster.pid").stat().st_uid != 0


def test_letters_of_every_alphabet_have_their_lower_case_and_order_is_bytewise(
    servers: embedded.Servers,
) -> None:
    assert ask(servers, "SELECT 'Ä' ILIKE 'ä'") is True
    assert ask(servers, "SELECT 'a' > 'B'") is True


@pytest.mark.parametrize(("durable", "fsync"), [(True, "on"), (False, "off")])
def test_a_commit_is_on_disk_unless_the_data_are_thrown_away(
    data_dir: Path, durable: bool, fsync: str
) -> None:
    servers = embedded.start(data_dir, durable=durable)

    said = [ask(servers, f"SHOW {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")]
    servers.stop()

    assert said == [fsync] * 3


def test_what_was_committed_survives_kills_of_both_servers(data_dir: Path) -> None:
    servers = embedded.start(data_dir)
    with psycopg.connect(servers.database_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    os.kill(int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    servers.stop()

    again = embedded.start(data_dir)
    kept = ask(again, "SELECT number FROM kept")
    again.stop()

    assert kept == 7


def test_a_start_that_was_cut_off_in_the_middle_of_initdb_is_begun_anew(data_dir: Path) -> None:
    (data_dir / "postgres.making").mkdir()
    (data_dir / "postgres.making" / "PG_VERSION").write_text("15")

    servers = embedded.start(data_dir, durable=False)
    answer = ask(servers, "SELECT 1")
    servers.stop()

    assert answer == 1


def test_a_server_that_refuses_its_settings_says_why(data_dir: Path) -> None:
    embedded.start(data_dir, durable=False).stop()
    with (data_dir / "postgres" / "postgresql.conf").open("a") as settings:
        settings.write("\nno_such_setting = 1\n")

    with pytest.raises(embedded.CannotStart, match=r"(?s)PostgreSQL ended as it started.*no_such_setting"):
        embedded.start(data_dir, durable=False)
