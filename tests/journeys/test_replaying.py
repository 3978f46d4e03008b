"""A replay through real processes: the worker is killed in the middle of it, and nothing is left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from tests.journeys.product import Product, running, server_url, tokens, until

pytestmark = [pytest.mark.journey, pytest.mark.slow]
ENTRIES = 5_000
# Not that of the other journeys and of the browser's tests.
BROKER = 9


@pytest.fixture
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("replaying")
    for place in (folder, folder.parent):
        place.chmod(0o755)
    with running(folder, database_url=server_url(), redis_url=settings.REDIS_URL, broker=BROKER) as product:
        product.manage("create_tenant", "acme", "--name", "Acme", "--admin", "ana@acme.example")
        product.manage("seed_demo", "--tenant", "acme", "--entries", str(ENTRIES))
        yield product


def test_a_replay_outlives_its_worker(product: Product) -> None:
    token = product.folder / "token"
    token.write_text(tokens(product)["http_bearer"])
    product.manage(
        "set_stream", "--tenant", "acme", "--destination", "http_bearer", "--url", f"{product.intake}/ingest",
        "--token-file", str(token), "--enable",
    )  # fmt: skip
    until(
        lambda: product.manage_json("stream_status", "--tenant", "acme")["waiting"] == 0, "all is delivered"
    )
    product.tell_intake("forget")
    product.tell_intake("behave", kind="http_bearer", behaviour={"delay": 6.0})

    counted = product.manage_json("replay", "--tenant", "acme", "--first", "1", "--last", str(ENTRIES))[
        "counted"
    ]
    until(lambda: _replay(product)["place"] > 0, "the replay has begun", seconds=60)
    product.kill("worker")
    assert _replay(product)["place"] < ENTRIES
    product.start("worker")

    until(lambda: _replay(product)["state"] == "done", "the replay ends", seconds=240)
    done = _replay(product)
    assert (counted, done["delivered"], done["place"], done["refused"]) == (ENTRIES, ENTRIES, ENTRIES, 0)
    # The intake had forgotten them: they arrive by the replay alone, and in order.
    arrived = [number for number in product.arrived("http_bearer") if number <= ENTRIES]
    assert arrived == list(range(1, ENTRIES + 1))


def _replay(product: Product) -> dict[str, Any]:
    return product.manage_json("replay", "--tenant", "acme")
