"""An export against PostgreSQL's own COPY of the same columns in the same order, in one run: the limit is 0.4 of it.

    python -m bench.export --data-dir DIR [--entries 1000000] [--times 3]

DIR is one that `bench.fill` filled. Exported are the newest entries of its largest tenant by the product's own code, up
to the bytes that a web server would send; beside the rate stand the time to the first byte and the growth of memory.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from bench import ground

LIMIT = 0.4
LARGEST = "tenant-0001"


class Run(NamedTuple):
    seconds: float
    first: float
    size: int
    grown: int


def main() -> int:
    """0 if every format is within the limit."""
    options = _options()
    with ground.database(options.data_dir):
        return _measure(options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--entries", type=int, default=1_000_000, help="export so many at most")
    parser.add_argument("--times", type=int, default=3)
    return parser.parse_args()


def _measure(options: argparse.Namespace) -> int:
    from audit import exporting, queries  # noqa: PLC0415 - not before setup
    from audit.models import Tenant  # noqa: PLC0415

    tenant = Tenant.objects.get(slug=LARGEST)
    last = queries.last_sequence(tenant)
    entries = queries.readable(tenant).filter(sequence__gt=last - options.entries)
    begin = time.perf_counter()
    with queries.time_limit(seconds=15), queries.sparing(entries):
        number = entries.count()
    print(f"{number:,} entries, counted in {(time.perf_counter() - begin) * 1000:.0f} ms")
    worst = 1.0
    for name, one in exporting.FORMATS.items():
        ours, theirs, packed = [], [], []
        for _ in range(options.times):  # in turn, so that both see the same machine
            theirs.append(_run(_columns(entries, one)))
            ours.append(_run(exporting.rows(entries, one)))
            packed.append(_run(exporting.gzipped(exporting.rows(entries, one))))
        ratio = _median(theirs) / _median(ours)
        worst = min(worst, ratio)
        _tell(name, number, ours, theirs, packed)
    print(f"worst ratio {worst:.2f}, limit {LIMIT}")
    return 0 if worst >= LIMIT else 1


def _columns(entries: Any, file_format: Any) -> Iterable[bytes]:
    """COPY of the columns that the format has, as they are stored, thrown away as it comes."""
    from audit import exporting  # noqa: PLC0415 - not before setup

    names = ["body"] if file_format.needs == (exporting.BODY,) else STORED
    return exporting.copied(entries.order_by("-occurred_at", "-sequence").values_list(*names), exporting.TEXT)


STORED = [
    "category", "action", "parameters", "details", "workspace_name", "done_by", "occurred_at", "area", "event",
    "actor_type", "actor_name", "outcome", "ip", "recorded_at", "sequence", "id",
]  # fmt: skip


def _run(pieces: Iterable[bytes]) -> Run:
    before, begin, first, size = _most_memory(), time.perf_counter(), 0.0, 0
    for piece in pieces:
        first = first or time.perf_counter() - begin
        size += len(piece)
    return Run(time.perf_counter() - begin, first, size, _most_memory() - before)


def _most_memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _median(runs: list[Run]) -> float:
    return statistics.median(run.seconds for run in runs)


def _tell(name: str, number: int, ours: list[Run], theirs: list[Run], packed: list[Run]) -> None:
    rates = " ".join(f"{number / _median(runs):10,.0f}" for runs in (ours, theirs, packed))
    print(
        f"{name:8} ours, COPY, gzipped: {rates} entries/s   ratio {_median(theirs) / _median(ours):.2f}   "
        f"first byte {max(run.first for run in ours) * 1000:.0f} ms   "
        f"{ours[0].size / 1e6:.0f} MB, gzipped {packed[0].size / 1e6:.0f} MB   memory +{ours[-1].grown} MB"
    )


if __name__ == "__main__":
    sys.exit(main())
