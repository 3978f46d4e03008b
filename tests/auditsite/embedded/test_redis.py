from __future__ import annotations

from pathlib import Path

import redis

from auditsite import embedded


def settings_of(servers: embedded.Servers) -> dict[str, str]:
    with redis.Redis.from_url(servers.redis_url, decode_responses=True) as client:
        return dict(client.config_get("*"))


def test_messages_are_kept_on_disk_and_never_dropped_for_want_of_memory(data_dir: Path) -> None:
    servers = embedded.start(data_dir)
    said = settings_of(servers)
    with redis.Redis.from_url(servers.redis_url) as client:
        client.rpush("celery", "a message")
    servers.stop()

    again = embedded.start(data_dir)
    with redis.Redis.from_url(again.redis_url) as client:
        kept = client.lrange("celery", 0, -1)
    again.stop()

    assert (said["appendonly"], said["maxmemory-policy"], said["port"]) == ("yes", "noeviction", "0")
    assert kept == [b"a message"]


def test_nobody_else_may_open_the_socket(lasting: embedded.Servers) -> None:
    assert settings_of(lasting)["unixsocketperm"] == "700"
    assert (lasting.files / "run" / "redis.sock").stat().st_uid != 0
