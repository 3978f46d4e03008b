"""From commit to the intake's answer, at 200 entries a second: median 60 ms, 95th percentile 250 ms are promised.

    python -m bench.delivery_latency [--rate 200] [--seconds 30] [--kind splunk_hec]

Starts the whole product (web, worker, beat, HTTPS intake) on PostgreSQL and Redis of its own with synchronous commit,
posts single entries over HTTP at the rate, and compares each entry's `recorded_at`, which is taken before its
commit, with the moment at which the intake had taken it: what is printed is never less than what was promised.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from datetime import datetime
from pathlib import Path

import requests

from auditsite import embedded
from tests.journeys.product import Product, running, tokens, until

MEDIAN, P95 = 0.060, 0.250
CLIENTS = 4


def main() -> int:
    """0 if median and 95th percentile are within the promise."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="auditsite-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        servers = embedded.start(folder, durable=True)
        try:
            os.environ.update(
                AUDITSITE_SECRET_KEY="only-for-this-run-" * 4,
                AUDITSITE_ENCRYPTION_KEYS="dGhlc2UgdGhpcnR5LXR3byBieXRlcyBhcmUgcHVibGk=",
            )
            with running(folder, database_url=servers.database_url, redis_url=servers.redis_url) as product:
                delays = _measured(product, options)
        finally:
            servers.stop()
    return _told(delays, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=200, help="entries a second")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument(
        "--kind", default="splunk_hec", choices=["splunk_hec", "http_bearer", "elasticsearch"]
    )
    return parser.parse_args()


def _measured(product: Product, options: argparse.Namespace) -> list[float]:
    product.manage("create_tenant", "acme", "--name", "Acme", "--admin", "ana@acme.example")
    key = product.manage("create_api_key", "--tenant", "acme", "--name", "bench", "--scope", "ingest")
    token = product.folder / "token"
    token.write_text(tokens(product)[options.kind])
    path = "/ingest" if options.kind == "http_bearer" else ""
    product.manage(
        "set_stream", "--tenant", "acme", "--destination", options.kind, "--url", product.intake + path,
        "--token-file", str(token), "--enable",
    )  # fmt: skip
    number = options.rate * options.seconds
    senders = [
        threading.Thread(target=send, args=(product.address, key, number // CLIENTS, options.rate / CLIENTS))
        for _ in range(CLIENTS)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    until(
        lambda: product.ask_intake("counts")[options.kind]["received"] > number // CLIENTS * CLIENTS,
        "all arrived",
    )
    return delays(product, options.kind)


def send(address: str, key: str, number: int, rate: float) -> None:
    entry = {
        "event": "cases.case_shared",
        "actor": {"email": "ana@acme.example"},
        "parameters": {"case_id": "C-17"},
    }
    begin = time.monotonic()
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {key}"
        for sent in range(number):
            time.sleep(max(begin + sent / rate - time.monotonic(), 0))
            session.post(f"{address}/api/v1/entries", json=entry, timeout=30).raise_for_status()


def delays(product: Product, kind: str) -> list[float]:
    arrivals = product.ask_intake("received", kind=kind, limit=10_000)["received"]
    posted = [a for a in arrivals if "case_shared" in str(a["entry"])]
    return [(_moment(a["at"]) - _moment(_recorded(a["entry"]))).total_seconds() for a in posted]


def _recorded(entry: dict[str, object]) -> str:
    """`recorded_at` of the native entry, `event.created` of an Elasticsearch document."""
    created = entry.get("recorded_at") or entry.get("event.created") or entry.get("event", {}).get("created")  # type: ignore[attr-defined]
    return str(created)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _told(delays: list[float], options: argparse.Namespace) -> int:
    cuts = statistics.quantiles(delays, n=100)
    p50, p95, p99 = cuts[49], cuts[94], cuts[98]
    print(f"{len(delays)} entries at {options.rate}/s to {options.kind}")
    print(
        f"p50 {p50 * 1000:.0f} ms   p95 {p95 * 1000:.0f} ms   p99 {p99 * 1000:.0f} ms   max {max(delays) * 1000:.0f} ms"
    )
    print(
        f"of what is promised: median {p50 / MEDIAN:.2f}, p95 {p95 / P95:.2f}; load {os.getloadavg()[0]:.1f}"
    )
    return 0 if p50 <= MEDIAN and p95 <= P95 else 1


if __name__ == "__main__":
    sys.exit(main())
