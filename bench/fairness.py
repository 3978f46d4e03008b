"""The lag of one tenant, alone and while another one has dead intakes and a million entries waiting.

    python -m bench.fairness [--rate 20] [--seconds 20] [--rounds 2] [--entries 200000] [--draining 5] …

Starts the whole product. Tenant globex records single entries over HTTP at the rate; from `recorded_at` to the moment
at which its intake had taken them is its lag. In every other turn tenant acme has ten streams with its whole log before
them whose intakes take what they get and never answer, or never finish the TLS handshake, and five more (`--draining`)
whose intakes take it as quickly as it comes. Promised: the 95th percentile stays within twice that of the turn before.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from auditsite import embedded
from bench import delivery_latency as latency
from bench.ground import SECRETS
from bench.receiver import HTTP, SWALLOW, Receiver, receiving
from bench.trouble import BEHIND, DEAD
from tests.journeys.product import CELERY, ROOT, Product, running, tokens, until

KIND = "http_bearer"
PROMISE = 2.0
# For what the trouble begins with: connections, the first tries, a worker's caches.
SETTLING = 3.0


def main() -> int:
    """0 if the lag stays within the promise."""
    options = _options()
    with ExitStack() as things:
        folder = Path(things.enter_context(tempfile.TemporaryDirectory(prefix="auditsite-bench-")))
        folder.chmod(0o755)
        servers = embedded.start(folder, durable=True)
        things.callback(servers.stop)
        os.environ.update(SECRETS, AUDITSITE_WORKER_THREADS=str(options.threads))
        intake = things.enter_context(receiving(folder))
        product = things.enter_context(
            running(folder, database_url=servers.database_url, redis_url=servers.redis_url)
        )
        _start_workers(product, options.workers)
        _trust(product, intake)
        silent = things.enter_context(socket.create_server(("127.0.0.1", 0), backlog=100))
        _trouble(product, "fill", str(options.entries))
        return _told(_measured(product, intake, silent, options))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rate", type=int, default=20, help="entries a second")
    parser.add_argument("--seconds", type=int, default=20, help="for each turn")
    parser.add_argument("--rounds", type=int, default=2, help="their median is told")
    parser.add_argument("--entries", type=int, default=200_000, help="before each of these streams")
    parser.add_argument("--draining", type=int, default=BEHIND, help="streams whose intakes take it")
    parser.add_argument("--threads", type=int, default=16, help="of each worker")
    parser.add_argument("--workers", type=int, default=1)
    return parser.parse_args()


def _start_workers(product: Product, number: int) -> None:
    """With as many threads as the settings say, in place of the few that tests have."""
    product.kill("worker")
    for one in range(number):
        with (product.folder / f"worker-{one}.log").open("ab") as log:
            product.processes[f"worker-{one}"] = subprocess.Popen(
                [*CELERY, "worker", "-n", f"worker-{one}@%h"],
                cwd=ROOT, env=product.environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip


def _trust(product: Product, intake: Receiver) -> None:
    with Path(product.environment["AUDITSITE_OUTBOUND_CA"]).open("ab") as trusted:
        trusted.write(intake.ca_file.read_bytes())


def _trouble(product: Product, *what: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "bench.trouble", *what], cwd=ROOT, env=product.environment, check=True
    )


def _measured(
    product: Product, intake: Receiver, silent: socket.socket, options: argparse.Namespace
) -> list[tuple[list[float], list[float]]]:
    """Lags alone and lags beside the trouble, turn by turn."""
    key = _globex(product)
    _turn(product, key, rate=options.rate, seconds=3)
    rounds = []
    for _ in range(options.rounds):
        alone = _turn(product, key, rate=options.rate, seconds=options.seconds)
        intake.forget()
        _trouble(
            product, "on", str(options.draining), intake.address + HTTP, intake.address + SWALLOW,
            f"https://127.0.0.1:{silent.getsockname()[1]}{HTTP}",
        )  # fmt: skip
        time.sleep(SETTLING)
        beside = _turn(product, key, rate=options.rate, seconds=options.seconds)
        left = (options.draining + DEAD) * options.entries - intake.entries
        _trouble(product, "off")
        print(
            f"load {os.getloadavg()[0]:.1f}; {left:,} entries still waited at the end of the turn", flush=True
        )
        rounds.append((alone, beside))
    return rounds


def _globex(product: Product) -> str:
    """A tenant that streams to an intake of its own; its API key."""
    product.manage("create_tenant", "globex", "--name", "Globex", "--admin", "gus@globex.example")
    token = product.folder / "token"
    token.write_text(tokens(product)[KIND])
    product.manage(
        "set_stream", "--tenant", "globex", "--destination", KIND, "--url", f"{product.intake}/ingest",
        "--token-file", str(token), "--enable",
    )  # fmt: skip
    return product.manage("create_api_key", "--tenant", "globex", "--name", "bench", "--scope", "ingest")


def _turn(product: Product, key: str, *, rate: int, seconds: int) -> list[float]:
    before = product.ask_intake("counts")[KIND]["received"]
    number = rate * seconds // latency.CLIENTS
    senders = [
        threading.Thread(target=latency.send, args=(product.address, key, number, rate / latency.CLIENTS))
        for _ in range(latency.CLIENTS)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    wanted = before + number * latency.CLIENTS
    until(lambda: product.ask_intake("counts")[KIND]["received"] >= wanted, "all arrived", seconds=120)
    return latency.delays(product, KIND)[-number * latency.CLIENTS :]


def _told(rounds: list[tuple[list[float], list[float]]]) -> int:
    ratios = []
    for alone, beside in rounds:
        ratios.append(_p95(beside) / _p95(alone))
        print(f"alone: {_words(alone)}\nbeside the trouble: {_words(beside)}\nratio of p95: {ratios[-1]:.2f}")
    ratio = statistics.median(ratios)
    print(f"median ratio {ratio:.2f}, promised {PROMISE}")
    return 0 if ratio <= PROMISE else 1


def _p95(lags: list[float]) -> float:
    return statistics.quantiles(lags, n=20)[18]


def _words(lags: list[float]) -> str:
    median, p95, longest = (1000 * value for value in (statistics.median(lags), _p95(lags), max(lags)))
    return f"median {median:.0f} ms, p95 {p95:.0f} ms, longest {longest:.0f} ms"


if __name__ == "__main__":
    sys.exit(main())
