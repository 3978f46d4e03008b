from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from auditsite import embedded
from tests.journeys.product import Product, running, tokens, until

pytestmark = [pytest.mark.journey, pytest.mark.slow]
ENTRY = {"event": "cases.case_shared", "actor": {"email": "ana@acme.example"}}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the servers' unprivileged user can reach, which pytest's own is not."""
    with tempfile.TemporaryDirectory(prefix="auditsite-tests-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def servers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[embedded.Servers]:
    """A PostgreSQL and a Redis that a test may kill."""
    for given in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(given, raising=False)
    try:
        servers = embedded.start(folder, durable=True)
    except embedded.CannotStart as reason:
        if "CI" in os.environ:
            raise
        pytest.skip(f"no servers of its own: {reason}")
    yield servers
    servers.stop()


@pytest.fixture
def product(servers: embedded.Servers, folder: Path) -> Iterator[Product]:
    with running(folder, database_url=servers.database_url, redis_url=servers.redis_url) as product:
        product.manage("create_tenant", "acme", "--name", "Acme", "--admin", "ana@acme.example")
        yield product


@pytest.fixture
def key(product: Product) -> str:
    return product.manage("create_api_key", "--tenant", "acme", "--name", "platform", "--scope", "ingest")


def post(product: Product, key: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {key}"}
    return requests.post(f"{product.address}/api/v1/entries", json=ENTRY, headers=headers, timeout=30)


def kill(servers: embedded.Servers, name: str) -> None:
    process = servers._running[name].process
    process.send_signal(signal.SIGQUIT if name == "PostgreSQL" else signal.SIGKILL)
    process.wait(20)


def test_while_the_database_is_away_producers_are_asked_to_come_again(
    product: Product, servers: embedded.Servers, key: str
) -> None:
    assert post(product, key).json()["first_sequence"] == 3

    kill(servers, "PostgreSQL")

    refused = post(product, key)
    assert (refused.status_code, refused.headers["Content-Type"]) == (503, "application/problem+json")
    assert int(refused.headers["Retry-After"]) > 0
    page = requests.get(f"{product.address}/accounts/login/", timeout=30)
    assert page.status_code in {200, 503}
    ready = requests.get(f"{product.address}/readyz", timeout=30)
    assert (ready.status_code, ready.json()["checks"]["broker"]) == (503, "ok")

    servers.revive()

    taken = post(product, key)
    assert (taken.status_code, taken.json()["first_sequence"]) == (201, 4)


def test_while_the_broker_is_away_recording_goes_on_and_delivery_follows(
    product: Product, servers: embedded.Servers, key: str
) -> None:
    set_stream(product)
    until(lambda: product.arrived("splunk_hec") == [3], "the first entry arrived")

    kill(servers, "Redis")
    began = time.monotonic()
    answers = [post(product, key) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [201] * 5
    assert time.monotonic() - began < 10

    servers.revive()

    until(lambda: product.arrived("splunk_hec") == [3, 4, 5, 6, 7, 8], "delivery follows", seconds=45)


def test_without_beat_and_broker_delivery_goes_on(
    product: Product, servers: embedded.Servers, key: str
) -> None:
    set_stream(product)
    until(lambda: product.arrived("splunk_hec") == [3], "the first entry arrived")

    product.kill("beat")
    kill(servers, "Redis")
    post(product, key)

    until(lambda: product.arrived("splunk_hec") == [3, 4], "the worker looked for itself", seconds=30)


def test_a_worker_that_starts_without_a_broker_delivers_all_the_same(
    product: Product, servers: embedded.Servers, key: str
) -> None:
    set_stream(product)
    until(lambda: product.arrived("splunk_hec") == [3], "the first entry arrived")

    kill(servers, "Redis")
    product.kill("worker")
    product.start("worker")
    post(product, key)

    until(lambda: product.arrived("splunk_hec") == [3, 4], "the worker looked for itself", seconds=45)


def set_stream(product: Product) -> None:
    token = product.folder / "token"
    token.write_text(tokens(product)["splunk_hec"])
    product.manage(
        "set_stream", "--tenant", "acme", "--destination", "splunk_hec", "--url", product.intake,
        "--token-file", str(token), "--enable",
    )  # fmt: skip
