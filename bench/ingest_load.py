"""What goes in while ingest is measured: entries as a platform sends them, and the clients that send them.

Each client is a process of its own with one connection, and sends prebuilt bodies or rows until its time is over.
"""

from __future__ import annotations

import http.client
import itertools
import json
import random
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import psycopg
import uuid_utils
from psycopg import sql

from audit.catalog.lookup import CATALOG

POOL = 5_000
WORKSPACES = tuple(f"workspace-{n}" for n in range(20))
SENTENCES = (
    "phishing triage quarantine endpoint case alert sensor review approved rejected escalated customer mailbox rule "
    "network playbook credential rotated analyst shift report weekly export dashboard table runner import failed"
)
WORDS = SENTENCES.split()
SEED = 3
COLUMNS = (
    "SELECT attname FROM pg_attribute WHERE attrelid = 'audit_auditentry'::regclass AND attnum > 0 "
    "AND NOT attisdropped AND attgenerated = '' ORDER BY attnum"
)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Work:
    """What one client does: `kind` is copy, insert or http; `size` entries at once; until `seconds` are over.

    `folder` holds the prebuilt bodies and rows (`write_bodies`, `write_rows`); the client starts anywhere in them.
    """

    kind: str
    size: int
    seconds: float
    key: str
    port: int
    database: str
    folder: Path


@dataclass(frozen=True, slots=True)
class Done:
    """What a client did: how many entries, in how many seconds, and the seconds of CPU that it used itself."""

    entries: int
    seconds: float
    cpu: float


def entries(number: int = POOL, *, now: datetime) -> list[dict[str, Any]]:
    """Entries of the last day: about 300 bytes of parameters and 80 of details each, the same for each call."""
    chance = random.Random(SEED)
    events = CATALOG.events()
    return [_entry(chance, chance.choice(events).code, now) for _ in range(number)]


def _entry(chance: random.Random, event: str, now: datetime) -> dict[str, Any]:
    person = chance.randrange(500)
    parameters = {
        "object_id": f"OBJ-{chance.randrange(10**6)}",
        "object_name": " ".join(chance.choices(WORDS, k=4)),
        "endpoint": f"/api/v2/{chance.choice(WORDS)}/{chance.randrange(10**4)}",
        "version": chance.randrange(40),
        "labels": chance.choices(WORDS, k=6),
        "note": " ".join(chance.choices(WORDS, k=14)),
        "trace": f"{chance.getrandbits(64):x}",
    }
    return {
        "event": event,
        "actor": {"email": f"person{person}@acme.example", "name": f"Person {person}", "id": str(person)},
        "workspace": chance.choice(WORKSPACES),
        "parameters": parameters,
        "details": " ".join(chance.choices(WORDS, k=10)),
        "target": {"type": "object", "id": parameters["object_id"], "name": parameters["object_name"]},
        "context": {"ip": f"198.51.100.{person % 250}", "user_agent": "curl/8", "request_id": parameters["trace"]},
        "occurred_at": (now - timedelta(seconds=chance.randrange(86_400))).astimezone(UTC).isoformat(),
    }  # fmt: skip


def write_bodies(folder: Path, sizes: set[int], *, now: datetime) -> None:
    """The entries as request bodies of each size, one a line; one entry is sent as an object."""
    pool = entries(now=now)
    for size in sizes:
        parts = [pool[at] if size == 1 else pool[at : at + size] for at in range(0, len(pool), size)]
        lines = [json.dumps(part, ensure_ascii=False) + "\n" for part in parts]
        (folder / f"bodies-{size}").write_text("".join(lines), encoding="utf-8")


def write_rows(folder: Path, database: str, *, number: int) -> None:
    """The rows that the site made of the entries, as COPY's text, with the names of their columns as first line."""
    with psycopg.connect(database) as connection, connection.cursor() as cursor:
        columns = ", ".join(name for (name,) in cursor.execute(COLUMNS))
        selected = sql.SQL(
            "COPY (SELECT {} FROM audit_auditentry WHERE producer = 'bench' LIMIT {}) TO STDOUT"
        )
        with cursor.copy(selected.format(sql.SQL(columns), number)) as copying:
            rows = b"".join(copying)
    (folder / "rows").write_bytes(columns.encode() + b"\n" + rows)


def run(work: Work) -> Done:
    """Works as one client; for a process of its own."""
    with {"http": _http, "copy": _copy, "insert": _insert}[work.kind](work) as again:
        begin, used, number = time.monotonic(), time.process_time(), 0
        while time.monotonic() - begin < work.seconds:
            again()
            number += work.size
        return Done(number, time.monotonic() - begin, time.process_time() - used)


@contextmanager
def _http(work: Work) -> Iterator[Callable[[], None]]:
    headers = {"Authorization": f"Bearer {work.key}", "Content-Type": "application/json"}
    waiting = _from_anywhere((work.folder / f"bodies-{work.size}").read_bytes().splitlines())
    with closing(http.client.HTTPConnection("127.0.0.1", work.port, timeout=60)) as connection:

        def post() -> None:
            connection.request("POST", "/api/v1/entries", next(waiting), headers)
            answer = connection.getresponse()
            told = answer.read()
            if answer.status != HTTPStatus.CREATED:
                raise RuntimeError(f"{answer.status}: {told[:500]!r}")

        yield post


@contextmanager
def _copy(work: Work) -> Iterator[Callable[[], None]]:
    columns, rows = _rows(work)
    statement = sql.SQL("COPY audit_auditentry ({}) FROM STDIN").format(sql.SQL(",").join(columns))
    with psycopg.connect(work.database) as connection:

        def copy() -> None:
            with connection.cursor() as cursor, cursor.copy(statement) as copying:
                copying.write(b"".join(b"\t".join(row) + b"\n" for row in itertools.islice(rows, work.size)))
            connection.commit()

        yield copy


@contextmanager
def _insert(work: Work) -> Iterator[Callable[[], None]]:
    columns, rows = _rows(work)
    marks = sql.SQL(", ").join(sql.SQL("%s") for _ in columns)
    statement = sql.SQL("INSERT INTO audit_auditentry ({}) VALUES ({})").format(
        sql.SQL(",").join(columns), marks
    )
    with psycopg.connect(work.database) as connection:

        def insert() -> None:
            values = [
                None if value == b"\\N" else value.replace(b"\\\\", b"\\").decode() for value in next(rows)
            ]
            connection.execute(statement, values, prepare=True)
            connection.commit()

        yield insert


def _rows(work: Work) -> tuple[list[sql.Identifier], Iterator[list[bytes]]]:
    """The rows without end, each with an id and a number of its own, in a log that nobody else writes to."""
    head, *lines = (work.folder / "rows").read_bytes().splitlines()
    columns = head.decode().split(", ")
    return [sql.Identifier(name) for name in columns], _fresh(columns, [line.split(b"\t") for line in lines])


def _fresh(columns: list[str], rows: list[list[bytes]]) -> Iterator[list[bytes]]:
    number, log, sequence = (columns.index(name) for name in ("id", "tenant_id", "sequence"))
    tenant = str(uuid4()).encode()
    for count, row in enumerate(_from_anywhere(rows), 1):
        fresh = row.copy()
        fresh[number], fresh[log], fresh[sequence] = str(uuid_utils.uuid7()).encode(), tenant, b"%d" % count
        yield fresh


def _from_anywhere(things: list[T]) -> Iterator[T]:
    """Without end, from a place of chance: clients beside each other do not send the same."""
    start = random.randrange(len(things))
    return itertools.islice(itertools.cycle(things), start, None)
