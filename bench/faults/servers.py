"""Faults of PostgreSQL and Redis."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import redis

from bench.faults.run import Fault, Scene


def flush_redis(scene: Scene) -> None:
    for _ in range(10):
        scene.wait(0.2, 0.8)
        scene.ground.product.flush_broker()


def kill_redis(scene: Scene) -> None:
    scene.ground.kill_server("Redis", signal.SIGKILL)
    scene.wait(8, 10)
    scene.ground.revive()


def restart_redis(scene: Scene) -> None:
    for _ in range(3):
        scene.wait(0.5, 2)
        scene.ground.kill_server("Redis", signal.SIGTERM)
        scene.ground.revive()


def fill_redis(scene: Scene) -> None:
    """Every write is refused, as with `noeviction` and no memory left. Celery's workers end at that, and are started
    again until they stay.
    """
    with _broker(scene) as broker:
        broker.config_set("maxmemory", "1")
        scene.wait(8, 10)
        broker.config_set("maxmemory", "0")
    scene.ground.in_order()


def spoil_redis(scene: Scene) -> None:
    """Somebody else's keys where the product keeps its own: lists that never expire."""
    with _broker(scene) as broker:
        for _ in range(20):
            for customer in scene.customers:
                key = f"auditsite:wake:{customer.stream_id}"
                with broker.pipeline() as together:
                    together.delete(key)
                    together.rpush(key, "of somebody else")
                    together.execute()
            scene.wait(0.2, 0.4)


def kill_beat_and_redis(scene: Scene) -> None:
    scene.ground.product.kill("beat")
    scene.ground.kill_server("Redis", signal.SIGKILL)
    scene.wait(12, 14)
    scene.ground.revive()
    scene.ground.product.start("beat")


def _stop_postgres(number: signal.Signals, away: tuple[float, float]) -> Any:
    def strike(scene: Scene) -> None:
        scene.ground.kill_server("PostgreSQL", number)
        scene.wait(*away)
        scene.ground.revive()
        scene.ground.in_order()

    return strike


def end_connections(scene: Scene) -> None:
    with _database(scene) as database:
        for _ in range(8):
            scene.wait(0.2, 0.8)
            database.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


def lock_cursors(scene: Scene) -> None:
    """A session that holds every cursor's row for as long as a clumsy migration would."""
    with _database(scene) as database, database.transaction():
        database.execute("SELECT FROM streaming_cursor FOR UPDATE")
        scene.wait(8, 10)


def lock_the_log(scene: Scene) -> None:
    """A session that lets nobody write entries, nor read them."""
    with _database(scene) as database, database.transaction():
        database.execute("LOCK TABLE audit_auditentry IN ACCESS EXCLUSIVE MODE")
        scene.wait(6, 8)


@contextmanager
def _broker(scene: Scene) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(scene.ground.product.environment["REDIS_URL"]) as broker:
        yield broker


@contextmanager
def _database(scene: Scene) -> Iterator[psycopg.Connection]:
    url = scene.ground.product.environment["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as database:
        yield database


FAULTS = [
    Fault("flush-redis", "FLUSHDB ten times", flush_redis, alone=True),
    Fault("kill-redis", "`kill -9` of Redis, away for 10 s", kill_redis, alone=True),
    Fault("restart-redis", "Redis restarted three times", restart_redis, alone=True),
    Fault("full-redis", "Redis refuses every write for 10 s", fill_redis, alone=True),
    Fault("spoilt-redis", "keys of another type, which never expire, in place of the wake-up marks", spoil_redis,
          alone=True),
    Fault("kill-beat-and-redis", "neither beat nor Redis for 14 s", kill_beat_and_redis, alone=True),
    Fault("crash-postgres", "PostgreSQL's immediate stop, away for 5 s", _stop_postgres(signal.SIGQUIT, (4, 5)),
          alone=True, answers_lost=True),
    Fault("restart-postgres", "PostgreSQL's fast restart", _stop_postgres(signal.SIGINT, (0, 1)),
          alone=True, answers_lost=True),
    Fault("away-postgres", "PostgreSQL away for 60 s", _stop_postgres(signal.SIGQUIT, (60, 60)),
          alone=True, answers_lost=True),
    Fault("end-connections", "every connection to the database ended, eight times", end_connections,
          alone=True, answers_lost=True),
    Fault("lock-cursors", "a session keeps every cursor locked for 10 s", lock_cursors, alone=True),
    Fault("lock-log", "a session keeps the log locked for 8 s", lock_the_log, alone=True),
]  # fmt: skip
