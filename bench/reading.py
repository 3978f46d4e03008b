"""How long the database takes for what people and pollers ask: milliseconds at the 50th and 95th percentile, warm.

    python -m bench.reading --data-dir DIR [--times 20] [--all] [--against OTHER] [--only page|pair|deep|count|activity]

DIR is one that `bench.fill` filled. Asked are a large, a middling and a small tenant: the first page under each filter
and every pair, pages fifteen months deep, counts, activity and facets. Beside the time that passed stands the
processor time of the server's process, which others on the machine do not lengthen: that is set against the limit.
`--against` sets it also against what was measured in another folder (that of a smaller log).
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import ground

if TYPE_CHECKING:
    from bench.questions import Sample

TENANTS = {"large": "tenant-0001", "mid": "tenant-0020", "small": "tenant-1000"}
LIMIT = 25.0
# After so many seconds pages and the API stop and say "narrow it".
LONGEST = 15
WORST = 15


def main() -> int:
    options = _options()
    figures: dict[str, dict[str, float]] = {}
    try:
        with ground.database(options.data_dir):
            figures.update(_measured(options))
    finally:  # also what was measured until somebody had enough
        (options.data_dir / "reading.json").write_text(json.dumps(figures, indent=1))
    before = options.against and json.loads((options.against / "reading.json").read_text())
    _tell(figures, before or {}, whole=options.all)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--times", type=int, default=20, help="how often each question is asked")
    parser.add_argument("--against", type=Path, help="the data folder of a log of another size")
    parser.add_argument("--all", action="store_true", help="print every pair, not only the slowest")
    parser.add_argument("--tenant", choices=TENANTS, help="ask one tenant's log only")
    parser.add_argument("--but", default="\0", help="leave out questions that have this in their name")
    parser.add_argument("--only", default="", help="the kind of question: page, pair, deep, count, activity")
    return parser.parse_args()


def _measured(options: argparse.Namespace) -> Iterator[tuple[str, dict[str, float]]]:
    """Figures by `<tenant>: <question>`."""
    from audit.models import Tenant  # noqa: PLC0415 - not before setup
    from bench.questions import Sample  # noqa: PLC0415

    asked = {options.tenant: TENANTS[options.tenant]} if options.tenant else TENANTS
    for size, slug in asked.items():
        sample = Sample(Tenant.objects.get(slug=slug), random.Random(size))
        for name, limit, ask in _questions(sample):
            if options.only in name and options.but not in name:
                yield f"{size}: {name}", {**_timed(ask, options.times), "limit": limit}


def _questions(sample: Sample) -> Iterator[tuple[str, float, Callable[[], object]]]:
    from audit import activity, queries  # noqa: PLC0415 - not before setup
    from bench import questions  # noqa: PLC0415

    for kind, some in (("page", questions.single()), ("pair", questions.pairs())):
        for names in some:
            title = f"{kind} {' + '.join(names) or 'without filter'}"
            yield title, questions.limit_of(names), lambda names=names: _page(sample, names)
    for names in ((), ("action",), ("by", "action"), ("workspace",), ("category",)):
        yield f"deep {' + '.join(names)}", LIMIT, lambda names=names: _page(sample, names, deep=True)
    for names in questions.single():
        yield (
            f"count {' + '.join(names)}",
            questions.limit_of(names),
            lambda names=names: queries.total(_found(sample, names)),
        )
    for names in ((), ("action",), ("workspace",)):
        asked = (*names, "range")
        for per in ("hour", "day"):
            yield (
                f"activity by {per} {' + '.join(asked)}",
                LIMIT,
                lambda asked=asked, per=per: activity.over_time(_found(sample, asked), per=per),
            )
    yield "activity facets", LIMIT, lambda: activity.facets(_found(sample, ()))


def _found(sample: Sample, names: tuple[str, ...]) -> Any:
    from audit import queries  # noqa: PLC0415 - not before setup
    from audit.filters import filtered  # noqa: PLC0415

    readable = queries.readable(sample.tenant)
    return filtered(readable, sample.asked(names), tenant=sample.tenant, now=sample.end)


def _page(sample: Sample, names: tuple[str, ...], *, deep: bool = False) -> None:
    from audit import queries  # noqa: PLC0415 - not before setup
    from audit.tables import NOT_SHOWN  # noqa: PLC0415

    cursor = queries.Cursor("older", sample.deep(), 1) if deep else None
    queries.page(_found(sample, names).defer(*NOT_SHOWN), cursor=cursor)


def _timed(ask: Callable[[], object], times: int) -> dict[str, float]:
    from django.db import transaction  # noqa: PLC0415 - not before setup

    from audit import queries  # noqa: PLC0415

    spent, worked = [], []
    with transaction.atomic():
        process = _backend()
        for number in range(times + 1):
            before = _processor_time(process)
            with (
                _database_time() as passed,
                suppress(queries.TookTooLong),
                queries.time_limit(seconds=LONGEST),
            ):
                ask()
            if number:  # the first one warms up
                spent.append(passed[0] * 1000)
                worked.append(_processor_time(process) - before)
    cuts, cpu = (statistics.quantiles(some, n=20, method="inclusive") for some in (spent, worked))
    return {
        "p50": round(cuts[9], 2),
        "p95": round(cuts[18], 2),
        "cpu50": round(cpu[9], 2),
        "cpu95": round(cpu[18], 2),
    }


def _backend() -> Path:
    from django.db import connection  # noqa: PLC0415 - not before setup

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return Path(f"/proc/{cursor.fetchone()[0]}/schedstat")


def _processor_time(process: Path) -> float:
    """Milliseconds that the server's process has computed: what is left of its time on a machine that others use."""
    return int(process.read_text().split()[0]) / 1e6


@contextmanager
def _database_time() -> Iterator[list[float]]:
    """Seconds from sending each question until its whole answer is here."""
    from django.db import connection  # noqa: PLC0415 - not before setup

    passed = [0.0]

    def timing(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        begin = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            passed[0] += time.perf_counter() - begin

    with connection.execute_wrapper(timing):
        yield passed


def _tell(figures: dict[str, Any], before: dict[str, Any], *, whole: bool) -> None:
    print(
        f"{'question':66} {'p50 ms':>8} {'p95 ms':>8} {'cpu 50':>8} {'cpu 95':>8} {'/limit':>7} {'growth':>7}"
    )
    for size in TENANTS:
        mine = [(name, one) for name, one in figures.items() if name.startswith(size)]
        if not mine:
            continue
        pairs = sorted(
            ((n, f) for n, f in mine if ": pair " in n),
            key=lambda one: one[1]["limit"] / max(one[1]["cpu95"], 0.01),
        )
        for name, one in [pair for pair in mine if ": pair " not in pair[0]]:
            _line(name, one, before)
        for name, one in pairs if whole else pairs[:WORST]:
            _line(name, one, before)
        late = sum(one["cpu95"] > one["limit"] for _, one in pairs)
        print(f"{size}: {len(pairs) - late} of {len(pairs)} pairs within their limit")


def _line(name: str, one: dict[str, float], before: dict[str, Any]) -> None:
    growth = f"{one['cpu95'] / before[name]['cpu95']:7.1f}" if name in before else ""
    figures = " ".join(f"{one[key]:8.1f}" for key in ("p50", "p95", "cpu50", "cpu95"))
    print(f"{name:66} {figures} {one['cpu95'] / one['limit']:7.2f} {growth:>7}")


if __name__ == "__main__":
    sys.exit(main())
