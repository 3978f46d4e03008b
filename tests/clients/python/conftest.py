from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from auditsite_client import Client, Options
from auditsite_client.queue import Queue

from tests.clients.python.server import Listening, Server

MakeClient = Callable[..., Client]


@pytest.fixture
def listening() -> Iterator[Listening]:
    listening = Listening()
    listening.start()
    yield listening
    listening.stop()


@pytest.fixture
def server(listening: Listening) -> Server:
    return listening.state


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "queue"


@pytest.fixture
def queue(folder: Path) -> Iterator[Queue]:
    queue = Queue(folder, most_entries=10_000, most_bytes=100_000_000, fsync=False)
    yield queue
    queue.close()


@pytest.fixture
def make_client(server: Server, folder: Path) -> Iterator[MakeClient]:
    """A client of the server; each is closed at the end. Pauses are short."""
    made: list[Client] = []

    def make(**options: object) -> Client:
        chosen = Options(**{"fsync": False, "longest_pause": 0.05, **options})  # type: ignore[arg-type] # a test's own
        client = Client(url=server.url, key="alk_test", queue=folder, options=chosen)
        made.append(client)
        return client

    yield make
    for client in made:
        client.close(0)
