"""Ingest over HTTP beside what PostgreSQL takes from a client directly, in one run: the ratio is what counts.

    python -m bench.ingest [--seconds 1] [--rounds 12] [--clients 4] [--size 100] [--one-tenant]

Starts PostgreSQL (synchronous commit) and gunicorn as `make up` does, and lets the same number of clients, in turn,
COPY prebuilt rows into the entries' table (its columns, its indexes, a commit a batch), POST the same entries in the
same batches, INSERT rows one by one, and POST entries one by one. Promised: batches 0.7, single entries 0.4.

Turns are short and alternate, and each one over HTTP is compared with the mean of its two neighbours, so that other
work on the machine, which comes and goes more slowly, weighs on both alike; told is the median of these ratios. Beside
it stands the ratio of what an entry takes of CPU in all processes, clients included: what the cores alone would allow.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from statistics import fmean

from bench import ingest_load
from bench.ingest_load import POOL, Work
from bench.ingest_site import Site, cpu_of_tree, running

LARGEST = 1_000
# The limit, entries at once, and the share of the limit that is promised.
PROMISES = (("copy", 100, 0.7), ("copy", LARGEST, 0.7), ("insert", 1, 0.4))
MICRO = 1e6
WARM_UP = 3.0


@dataclass(frozen=True, slots=True)
class Result:
    """Entries a second, and CPU in microseconds an entry: of the clients, the application and PostgreSQL."""

    rate: float
    clients: float
    application: float
    postgres: float


Results = dict[tuple[str, int], tuple[list[Result], list[Result]]]


def main() -> int:
    """0 if every ratio is what is promised."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="auditsite-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with running(folder, tenants=1 if options.one_tenant else options.clients) as site:
            return _told(_measured(site, folder, options))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=1.0, help="for each turn")
    parser.add_argument("--rounds", type=int, default=12, help="turns over HTTP, for each promise")
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--size", type=int, action="append", help="only batches of so many (1, 100, 1000)")
    parser.add_argument("--one-tenant", action="store_true", help="over HTTP, all clients write to one log")
    return parser.parse_args()


def _measured(site: Site, folder: Path, options: argparse.Namespace) -> Results:
    """For every promise what was reached, and the limit before the first, between them and after the last."""
    ingest_load.write_bodies(folder, {LARGEST, *(size for _, size, _ in PROMISES)}, now=datetime.now(UTC))
    results: Results = {}
    with ProcessPoolExecutor(options.clients, mp_context=get_context("spawn")) as pool:

        def turn(kind: str, size: int, seconds: float = options.seconds) -> Result:
            keys = [site.keys[n % len(site.keys)] for n in range(options.clients)]
            works = [Work(kind, size, seconds, key, site.port, site.database, folder) for key in keys]
            return _one(site, pool, works)

        turn("http", LARGEST, WARM_UP)
        ingest_load.write_rows(folder, site.database, number=POOL)
        for kind, size, _ in PROMISES:
            if size in (options.size or [size]):
                limits, reached = results[kind, size] = [turn(kind, size)], []
                for _ in range(options.rounds):
                    reached.append(turn("http", size))
                    limits.append(turn(kind, size))
    return results


def _one(site: Site, pool: ProcessPoolExecutor, works: list[Work]) -> Result:
    before = cpu_of_tree(site.web), cpu_of_tree(site.postgres)
    done = list(pool.map(ingest_load.run, works))
    entries = sum(one.entries for one in done)
    share = MICRO / entries
    return Result(
        rate=sum(one.entries / one.seconds for one in done),
        clients=sum(one.cpu for one in done) * share,
        application=(cpu_of_tree(site.web) - before[0]) * share,
        postgres=(cpu_of_tree(site.postgres) - before[1]) * share,
    )


def _told(results: Results) -> int:
    kept = True
    print(f"{'':14}{'entries/s':>10}   CPU µs an entry: {'client':>8}{'application':>13}{'PostgreSQL':>12}")
    for kind, size, promised in PROMISES:
        limits, reached = results.get((kind, size), ([], []))
        if not limits:
            continue
        took = []
        for name, found in ((kind, limits), ("http", reached)):
            median = [
                statistics.median(getattr(one, field) for one in found)
                for field in ("rate", "clients", "application", "postgres")
            ]
            took.append(sum(median[1:]))
            print(
                f"{name + f' {size:,}':14}{median[0]:>10,.0f}{median[1]:>29.1f}{median[2]:>13.1f}{median[3]:>12.1f}"
            )
        low, ratio, high = statistics.quantiles(_ratios(limits, reached), method="inclusive")
        kept &= ratio >= promised
        middle = f"half of all turns: {low:.2f} to {high:.2f}"
        print(f"  ratio {ratio:.2f} (promised {promised}; {middle}); of CPU an entry {took[0] / took[1]:.2f}")
    return 0 if kept else 1


def _ratios(limits: list[Result], reached: list[Result]) -> list[float]:
    neighbours = pairwise(one.rate for one in limits)
    return [one.rate / fmean(beside) for one, beside in zip(reached, neighbours, strict=True)]


if __name__ == "__main__":
    sys.exit(main())
