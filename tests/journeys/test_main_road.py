from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest
import requests
from django.conf import settings

from tests.journeys.product import Product, running, server_url, tokens, until

ENTRIES, BATCH = 10_000, 200
KINDS = ("splunk_hec", "http_bearer", "elasticsearch")
PASSWORD = "a long enough secret"

pytestmark = [pytest.mark.journey, pytest.mark.slow]


@pytest.fixture
def product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def] # a generator of Product
    monkeypatch.setenv("AUDITSITE_PASSWORD", PASSWORD)
    tmp_path.chmod(0o755)
    server = server_url()
    with running(tmp_path, database_url=server, redis_url=settings.REDIS_URL) as product:
        yield product


def test_ten_thousand_entries_survive_killed_workers_and_a_flushed_broker(product: Product) -> None:
    product.manage("create_tenant", "acme", "--name", "Acme", "--admin", "ana@acme.example")
    key = product.manage(
        "create_api_key", "--tenant", "acme", "--name", "platform", "--scope", "ingest", "--scope", "read"
    )
    before = head(product, key)
    set_streams(product)

    for batch in range(ENTRIES // BATCH):
        post(product, key, first=batch * BATCH)
        if batch in {12, 35}:
            product.kill("worker")
            product.start("worker")
        if batch == 24:
            product.flush_broker()

    everything = list(range(before + 1, head(product, key) + 1))
    for kind in KINDS:
        started = product.manage_json("stream_status", "--tenant", "acme", "--name", kind)["not_streamed"]
        expected = everything[started - before :]
        until(partial(has_arrived, product, kind, len(expected)), f"all arrived at {kind}", seconds=120)
        assert product.arrived(kind)[: len(expected)] == expected
    for kind in KINDS:
        status = product.manage_json("stream_status", "--tenant", "acme", "--name", kind)
        told = status["delivered"] + status["waiting"] + status["set_aside"] + status["not_streamed"]
        assert (status["recorded"], status["state"], status["waiting"]) == (told, "healthy", 0)
    assert "10,000" in page(product)


def has_arrived(product: Product, kind: str, number: int) -> bool:
    return bool(product.ask_intake("counts")[kind]["received"] >= number)


def set_streams(product: Product) -> None:
    for kind in KINDS:
        token = product.folder / f"{kind}.token"
        token.write_text(tokens(product)[kind])
        product.manage(
            "set_stream", "--tenant", "acme", "--name", kind, "--destination", kind,
            "--url", product.intake + ("/ingest" if kind == "http_bearer" else ""),
            "--token-file", str(token), "--enable",
        )  # fmt: skip


def post(product: Product, key: str, *, first: int) -> None:
    entries = [
        {
            "event": "workflows.workflow_published",
            "actor": {"email": "ana@acme.example"},
            "parameters": {"workflow_name": f"Triage {number}", "version": str(number)},
            "external_id": f"journey-{number}",
        }
        for number in range(first, first + BATCH)
    ]
    answer = requests.post(
        f"{product.address}/api/v1/entries",
        json=entries,
        headers={"Authorization": f"Bearer {key}"},
        timeout=30,
    )
    assert (answer.status_code, answer.json()["accepted"]) == (201, BATCH), answer.text


def head(product: Product, key: str) -> int:
    """The last sequence of acme's log."""
    answer = requests.get(
        f"{product.address}/api/v1/entries",
        params={"limit": "1"},
        headers={"Authorization": f"Bearer {key}"},
        timeout=30,
    )
    newest: int = answer.json()["entries"][0]["sequence"]
    return newest


def page(product: Product) -> str:
    """The Audit Log page, as ana sees it after signing in."""
    with requests.Session() as browser:
        form = browser.get(f"{product.address}/accounts/login/", timeout=30).text
        csrf = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
        assert csrf is not None
        values = {"login": "ana@acme.example", "password": PASSWORD, "csrfmiddlewaretoken": csrf[1]}
        browser.post(f"{product.address}/accounts/login/", data=values, timeout=30).raise_for_status()
        answer = browser.get(
            f"{product.address}/t/acme/audit-log/?action=workflows.workflow_published", timeout=30
        )
        answer.raise_for_status()
        return answer.text
