"""Fills a log with millions of entries: 1,000 tenants with Zipf sizes, the whole vocabulary, 18 months.

    python -m bench.fill --data-dir DIR [--entries 1000000]

Rows go in by COPY with the indexes put aside, which are then built at once, as `bench.reading` and `bench.export` need
them. DIR keeps an embedded PostgreSQL that forces nothing to disk; a second run finds it filled and does nothing.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import ground

if TYPE_CHECKING:
    from bench.population import Writer

LENGTH = timedelta(days=548)
BLOCK = 50_000
TABLE = "audit_auditentry"


def main() -> int:
    options = _options()
    with ground.database(options.data_dir):
        fill(options.entries, seed=options.seed)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


def fill(entries: int, *, seed: int) -> None:
    """Fill an empty log; one that is filled is left as it is."""
    from bench import population  # noqa: PLC0415 - not before Django is set up

    if population.Tenant.objects.exists():
        print("The log is filled already.")
        return
    rng, end = random.Random(seed), datetime.now(UTC).replace(microsecond=0)
    _make_months(end)
    tenancies = population.make_tenants()
    drafts = population.templates(tenancies[0].tenant, end=end, rng=rng)
    with _put_aside_indexes():
        begin = time.monotonic()
        _write(population.Writer(tenancies, drafts, rng), entries, end)
        _told("rows", entries, begin)
        begin = time.monotonic()
    _told("indexes", entries, begin)
    _finish(tenancies)


def _write(writer: Writer, entries: int, end: datetime) -> None:
    from django.db import connection, transaction  # noqa: PLC0415 - not before setup

    from audit.recording import COPY  # noqa: PLC0415

    step = LENGTH / entries
    for first in range(0, entries, BLOCK):
        count = min(BLOCK, entries - first)
        moments = _moments(end - LENGTH + first * step, step, writer.rng)
        with transaction.atomic(), connection.cursor() as cursor, cursor.copy(COPY) as copy:
            kept: list[str] = []
            for row in writer.rows(moments, count):
                kept.append(row)
                if len(kept) == 500:
                    copy.write("".join(kept))
                    kept.clear()
            copy.write("".join(kept))


def _moments(begin: datetime, step: timedelta, rng: random.Random) -> Iterator[datetime]:
    number = 0
    while True:
        yield begin + (number + rng.random()) * step
        number += 1


def _make_months(end: datetime) -> None:
    for months in range(19):
        _run("SELECT audit_make_month((%s::date - make_interval(months => %s))::date)", end, months)


class _put_aside_indexes:  # noqa: N801 - reads as what it does
    """Drops the table's indexes and its key, and builds them again when all rows are in."""

    def __enter__(self) -> None:
        self.made = [row[0] for row in _run(
            "SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i "
                "WHERE i.indrelid = %s::regclass AND NOT i.indisprimary",
            TABLE,
        )]  # fmt: skip
        names = _run(
            "SELECT i.indexrelid::regclass::text FROM pg_index i "
            "WHERE i.indrelid = %s::regclass AND NOT i.indisprimary", TABLE,
        )  # fmt: skip
        for (name,) in names:
            _run(f"DROP INDEX {name}")
        [(self.key, self.columns)] = _run(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid = %s::regclass AND contype = 'p'",
            TABLE,
        )
        _run(f"ALTER TABLE {TABLE} DROP CONSTRAINT {self.key}")

    def __exit__(self, *_: object) -> None:
        _run(f"ALTER TABLE {TABLE} ADD CONSTRAINT {self.key} {self.columns}")
        for definition in self.made:
            _run(definition.replace(" ON ONLY ", " ON "))


def _finish(tenancies: list[Any]) -> None:
    from audit.models import LogHead  # noqa: PLC0415 - not before setup

    LogHead.objects.bulk_create([LogHead(tenant=one.tenant, last_sequence=one.sequence) for one in tenancies])
    begin = time.monotonic()
    _run("VACUUM (FREEZE, ANALYZE)")
    print(f"vacuum and statistics: {time.monotonic() - begin:.0f} s")


def _told(what: str, entries: int, begin: float) -> None:
    seconds = time.monotonic() - begin
    print(f"{what}: {entries:,} in {seconds:.0f} s, {entries / seconds:,.0f}/s", flush=True)


def _run(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    from django.db import connection  # noqa: PLC0415 - not before setup

    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return cursor.fetchall() if cursor.description else []


if __name__ == "__main__":
    sys.exit(main())
