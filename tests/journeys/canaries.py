"""Secrets that nothing may show, and where to look for them: in whatever form somebody might have written them."""

from __future__ import annotations

import base64
import re
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import psycopg
import redis
import requests
from psycopg import sql

THE_END = "that was all"
LINK = re.compile(r'(?:href|hx-get|src)="([^"]+)"')
Texts = Iterable[tuple[str, str]]


def forms_of(secret: str) -> set[str]:
    """Plain, reversed, hexadecimal, URL-encoded, and in base64 wherever in a longer text it may have stood."""
    raw = secret.encode()
    forms = {secret, secret[::-1], raw.hex(), raw.hex().upper(), raw[::-1].hex(), quote(secret, safe="")}
    for text in (raw, raw[::-1]):
        for shift in range(3):
            # The first and the last characters depend on what stands beside it.
            encoded = base64.b64encode(bytes(shift) + text + bytes(2)).decode()
            inner = encoded[-(-shift * 8 // 6) :][: len(text) * 8 // 6 - 1]
            forms |= {inner, inner.replace("+", "-").replace("/", "_"), quote(inner, safe="")}
    return forms


def found(secrets: dict[str, str], texts: Texts) -> list[str]:
    """Which secret stands where; empty is good."""
    wanted = {name: forms_of(secret) for name, secret in secrets.items()}
    hits = []
    for where, text in texts:
        whole = unescape(text)
        hits += [
            f"{name} in {where}" for name, forms in wanted.items() if any(form in whole for form in forms)
        ]
    return hits


def tables(address: str) -> Iterator[tuple[str, str]]:
    """Every row of every table of a database as text; bytes are hexadecimal there."""
    with psycopg.connect(address) as database:
        names = database.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p', 'm') AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        for (name,) in names:
            query = sql.SQL("COPY (SELECT t::text FROM {} t) TO STDOUT").format(sql.Identifier(name))
            with database.cursor().copy(query) as rows:
                yield f"table {name}", b"".join(bytes(row) for row in rows).decode()


def keys(address: str) -> Iterator[tuple[str, str]]:
    """Every key of every database of a Redis with what it holds."""
    with redis.Redis.from_url(address) as broker:
        databases = [int(name.removeprefix("db")) for name in broker.info("keyspace")]
    for number in databases:
        url = re.sub(r"(\?db=|/)\d+$", rf"\g<1>{number}", address)
        with redis.Redis.from_url(url) as broker:
            for key in broker.scan_iter():
                yield f"Redis, {number}, {key!r}", f"{key!r} {_value(broker, key)!r}"


def _value(broker: Any, key: bytes) -> object:
    read: dict[bytes, Callable[[bytes], object]] = {
        b"string": broker.get,
        b"list": lambda key: broker.lrange(key, 0, -1),
        b"set": broker.smembers,
        b"hash": broker.hgetall,
        b"zset": lambda key: broker.zrange(key, 0, -1, withscores=True),
        b"stream": broker.xrange,
    }
    return read[broker.type(key)](key)


@contextmanager
def overheard(address: str) -> Iterator[list[tuple[str, str]]]:
    """Whatever anybody says to a Redis meanwhile, messages of Celery among it, which are gone once they are taken."""
    heard: list[tuple[str, str]] = []
    with redis.Redis.from_url(address) as broker, broker.monitor() as monitor:

        def listen() -> None:
            for said in monitor.listen():
                heard.append(("a message to Redis", said["command"]))
                if THE_END in said["command"]:
                    return

        listener = threading.Thread(target=listen)
        listener.start()
        try:
            yield heard
        finally:
            broker.echo(THE_END)
            listener.join(30)


def remember(session: requests.Session) -> list[tuple[str, str]]:
    """What every answer to this session said, its headers with it, from now on."""
    said: list[tuple[str, str]] = []

    def note(answer: requests.Response, **_: object) -> None:
        said.append((f"{answer.request.method} {answer.url}", f"{answer.headers}\n{answer.text}"))

    session.hooks["response"].append(note)
    return said


def walk(session: requests.Session, start: str, *, below: str, most: int = 60) -> int:
    """Follow links from a page to everything below a path, each path once. Gives how many answered; none may fail."""
    waiting, visited = deque([start]), set[str]()
    while waiting and len(visited) < most:
        url = waiting.popleft()
        path = urlsplit(url).path
        if path in visited:
            continue
        visited.add(path)
        answer = session.get(url, timeout=60)
        assert answer.status_code < 500, (url, answer.status_code)
        for link in LINK.findall(answer.text):
            target = urljoin(url, unescape(link))
            if urlsplit(target).netloc == urlsplit(start).netloc and urlsplit(target).path.startswith(below):
                waiting.append(target)
    return len(visited)
