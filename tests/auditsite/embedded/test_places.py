from __future__ import annotations

import os
from pathlib import Path

import dj_database_url
import pytest

from auditsite import embedded
from auditsite.embedded import places


def test_the_addresses_are_known_before_anything_runs(data_dir: Path) -> None:
    assert embedded.urls(data_dir) == (
        f"postgresql://auditsite@/auditsite?host={data_dir}/run",
        f"unix://{data_dir}/run/redis.sock",
    )


def test_django_reads_the_socket_of_a_folder_with_capitals_and_blanks(data_dir: Path) -> None:
    folder = data_dir / "My Data"

    parsed = dj_database_url.parse(embedded.urls(folder).database)

    assert parsed["OPTIONS"]["host"] == str(folder / "run")
    assert (parsed["USER"], parsed["NAME"], parsed["HOST"]) == ("auditsite", "auditsite", "")


@pytest.mark.parametrize("name", ["x" * 100, "a,b", "quote'd", "ü"])
def test_a_path_that_no_socket_can_have_gets_a_short_one(data_dir: Path, name: str) -> None:
    sockets = places.socket_dir(data_dir / name)

    assert sockets.parent == Path("/tmp")
    assert sockets == places.socket_dir(data_dir / name)
    assert sockets != places.socket_dir(data_dir / f"{name}2")


@pytest.mark.parametrize(("length", "fits"), [(103, True), (104, False)])
def test_the_longest_socket_is_what_every_system_holds(data_dir: Path, length: int, fits: bool) -> None:
    rest = length - len(f"{data_dir}//run/.s.PGSQL.5432")

    assert (places.socket_dir(data_dir / ("x" * rest)).parent != Path("/tmp")) is fits


def test_a_relative_folder_means_the_same_from_anywhere(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(data_dir)

    assert embedded.urls("var") == embedded.urls(data_dir / "var")


def test_files_lie_elsewhere_when_the_servers_user_cannot_walk_to_the_data_folder(data_dir: Path) -> None:
    stranger = places.Owner(uid=os.geteuid() + 54321, gid=os.getegid() + 54321, drops=True)
    closed = data_dir / "closed"
    closed.mkdir(mode=0o700)

    assert places.reachable(data_dir, stranger)
    assert not places.reachable(closed / "var", stranger)


@pytest.mark.parametrize(
    ("redis", "celery"),
    [
        ("redis://localhost:6379/0", "redis://localhost:6379/0"),
        ("unix:///var/run/redis.sock", "redis+socket:///var/run/redis.sock"),
        ("unix:///var/run/redis.sock?db=3", "redis+socket:///var/run/redis.sock?virtual_host=3"),
    ],
)
def test_celery_is_told_of_a_socket_in_its_own_words(redis: str, celery: str) -> None:
    assert embedded.celery_broker(redis) == celery
