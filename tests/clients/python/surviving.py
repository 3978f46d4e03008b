"""The real server and a real producer, both killed and started again while entries flow; then what the log holds."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import auditsite_client
import requests
from auditsite_client import Client, Options

from tests.journeys.product import ROOT, Product

PATIENCE = 600.0
SOURCE = str(Path(auditsite_client.__file__).parents[1])


@dataclass(frozen=True)
class Found:
    """What the log holds, by `external_id`; `kept` is how many the producer was told that they are kept."""

    kept: int
    lost: int
    twice: int
    in_order: bool
    server_kills: int
    producer_kills: int


class Producer:
    """The producer's process; goes on after the last number that it told when it is started again."""

    def __init__(self, product: Product, key: str, queue: Path, *, entries: int, fsync: bool) -> None:
        self.kept, self._entries = 0, entries
        self._command = [
            sys.executable,
            "-m",
            "tests.clients.python.producing",
            product.address,
            key,
            str(queue),
        ]
        self._flags = ["--fsync"] if fsync else []
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            [*self._command, str(self.kept + 1), str(self._entries), *self._flags],
            cwd=ROOT, env={**os.environ, "PYTHONPATH": SOURCE}, stdout=subprocess.PIPE,
        )  # fmt: skip
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()

    def kill(self) -> None:
        self._process.kill()
        self.wait()

    def wait(self) -> int:
        self._listener.join()
        return self._process.wait()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as told:
            for line in told:
                if line.endswith(b"\n"):
                    self.kept = int(line)


def survive(
    product: Product, queue: Path, *, entries: int, server_kills: int, producer_kills: int, fsync: bool
) -> Found:
    """Kills are spread over the entries. Raises AssertionError if something is left unsent."""
    key = new_key(product, "acme")
    producer = Producer(product, key, queue, entries=entries, fsync=fsync)
    with Client(url=product.address, key=key, queue=queue, options=Options(background=False)) as client:
        _kill_as_entries_flow(
            product, producer, client, _spread(entries, server_kills), _spread(entries, producer_kills)
        )
        assert producer.wait() == 0
        assert (client.status().waiting, client.status().set_aside) == (0, 0)
    return _found(in_the_log(product, key), entries, server_kills, producer_kills)


def new_key(product: Product, tenant: str) -> str:
    """A key of a new tenant, to send and to read."""
    product.manage("create_tenant", tenant, "--name", tenant, "--admin", "ana@acme.example")
    return product.manage(
        "create_api_key", "--tenant", tenant, "--name", "platform", "--scope", "ingest", "--scope", "read"
    )


def _kill_as_entries_flow(
    product: Product, producer: Producer, client: Client, server_at: list[int], producer_at: list[int]
) -> None:
    """The server when so many are sent, so that each time it was up again; the producer when so many are kept."""
    deadline = time.monotonic() + PATIENCE
    while server_at or producer_at:
        assert time.monotonic() < deadline, f"kept {producer.kept}: {client.status()}"
        if producer_at and producer.kept >= producer_at[0]:
            producer_at.pop(0)
            producer.kill()
            producer.start()
        if server_at and producer.kept - client.status().waiting >= server_at[0]:
            server_at.pop(0)
            product.kill("web")
            time.sleep(0.5)
            product.start("web")
        time.sleep(0.02)


def _spread(entries: int, kills: int) -> list[int]:
    return [entries * (number + 1) // (kills + 1) for number in range(kills)]


def in_the_log(product: Product, key: str) -> list[str]:
    """External ids in the order of their sequence."""
    found: list[str] = []
    query: dict[str, str | int] = {"order": "sequence", "limit": 1_000}
    while True:
        page = requests.get(
            f"{product.address}/api/v1/entries",
            params=query,
            headers={"Authorization": f"Bearer {key}"},
            timeout=60,
        ).json()
        if not page["entries"]:
            return [name for name in found if name]
        found += [entry["external_id"] for entry in page["entries"]]
        query["cursor"] = page["next"]


def _found(names: list[str], entries: int, server_kills: int, producer_kills: int) -> Found:
    counted = Counter(names)
    expected = [f"evt-{number}" for number in range(1, entries + 1)]
    return Found(
        kept=entries,
        lost=len(set(expected) - counted.keys()),
        twice=sum(number - 1 for number in counted.values()),
        in_order=names == expected,
        server_kills=server_kills,
        producer_kills=producer_kills,
    )
