"""Fills a log with millions of entries: 1,000 tenants with Zipf sizes, the whole vocabulary, 18 months.

    python -m bench.fill --data-dir DIR [--entries 20000000] [--workers 2]

Rows are made on the server, a month at a time in several sessions, with the indexes put aside, which are then built a
month at a time; in the end the table's catalogue has to be what it was after the migrations. DIR keeps an embedded
PostgreSQL that forces nothing to disk; a second run finds it filled and does nothing.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg

from bench import catalogue, ground

if TYPE_CHECKING:
    from bench.catalogue import PutAside

LENGTH = timedelta(days=548)
SESSION = (
    "SET work_mem = '256MB'; SET maintenance_work_mem = '1GB'; SET max_parallel_workers_per_gather = 0; "
    "SET max_parallel_maintenance_workers = 0; SET jit = off; SELECT setseed({seed})"
)
CHECKED = 2_000


class Month(NamedTuple):
    """A partition, and the time of it that is filled."""

    number: int
    table: str
    first: datetime
    until: datetime


class BrokenOff(Exception):
    """The folder holds half a log."""


def main() -> int:
    options = _options()
    with ground.database(options.data_dir):
        fill(options)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--without-bodies", action="store_true", help="for searching only: takes half the disk"
    )
    parser.add_argument("--workers", type=int, default=2, help="sessions that fill a month each")
    return parser.parse_args()


def fill(options: argparse.Namespace) -> None:
    """Fill an empty log; one that is filled is left as it is. Raises BrokenOff."""
    from audit.models import LogHead, Tenant  # noqa: PLC0415 - not before Django is set up

    if Tenant.objects.exists():
        if not LogHead.objects.exists():
            raise BrokenOff("A fill of this folder was broken off: remove the folder and begin anew.")
        print("The log is filled already.")
        return
    begin = time.monotonic()
    with _session(options.seed) as connection:
        months = _months(connection, datetime.now(UTC).replace(microsecond=0))
        templates = _prepare(connection, months, options.entries, rng=random.Random(options.seed))
        aside = catalogue.put_aside(connection)
        filling = _Filling(aside, templates, options)
        with ThreadPoolExecutor(options.workers) as pool:
            list(pool.map(filling.month, months))
        aside.give_back(built={month.table for month in months})
        _check(connection, with_bodies=not options.without_bodies)
        _finish(connection)
    seconds = time.monotonic() - begin
    print(f"{options.entries:,} entries in {seconds:.0f} s, {options.entries / seconds:,.0f}/s")


def _session(seed: float) -> psycopg.Connection[Any]:
    from django.db import connection as django  # noqa: PLC0415 - not before setup

    made = psycopg.connect(**{**django.get_connection_params(), "cursor_factory": None}, autocommit=True)
    made.execute(SESSION.format(seed=seed / 1_000))
    return made


def _months(connection: psycopg.Connection[Any], end: datetime) -> list[Month]:
    """The partitions of the time that is filled, made where they are missing."""
    edges = [end - LENGTH]
    while edges[-1] < end:
        following = (edges[-1].replace(day=1) + timedelta(days=32)).replace(day=1, hour=0, minute=0, second=0)
        edges.append(min(following, end))
    found = []
    for number, (first, until) in enumerate(pairwise(edges)):
        connection.execute("SELECT audit_make_month(%s)", [first.date()])
        found.append(Month(number, f"{catalogue.LOG}_{first:%Y_%m}", first, until))
    return found


def _prepare(
    connection: psycopg.Connection[Any],
    months: list[Month],
    entries: int,
    *,
    rng: random.Random,
) -> int:
    """Tenants, templates and each tenant's number of entries a month; gives the number of templates."""
    from bench import population, rows  # noqa: PLC0415 - not before setup

    tenants = population.make_tenants()
    connection.execute(rows.FORMS)
    lines = rows.lines(population.templates(tenants[0], end=months[-1].until, rng=rng))
    with connection.cursor() as cursor, cursor.copy(rows.COPY) as copy:
        for line in lines:
            copy.write_row(line)
    [(expression,)] = connection.execute(rows.EXPRESSION)
    vectors = connection.execute(rows.SEARCHED.format(expression=expression)).fetchall()
    with connection.cursor() as cursor:
        forms = [(number, population.form(vector)) for number, vector in vectors]
        cursor.execute(
            "UPDATE bench.template t SET search_form = f.form FROM unnest(%s::int[], %s::text[]) AS f (number, form) "
            "WHERE t.number = f.number", [list(column) for column in zip(*forms, strict=True)],
        )  # fmt: skip
        ends = [(month.until - months[0].first) / LENGTH for month in months]
        shares = [[0] * len(tenants), *population.numbers(entries, ends, rng=rng)]
        with cursor.copy("COPY bench.share FROM STDIN") as copy:
            for month, (before, after) in enumerate(pairwise(shares)):
                for tenant, (one, other) in enumerate(zip(before, after, strict=True), start=1):
                    copy.write_row((month, tenant, one, other - one))
    connection.execute("VACUUM (FULL, ANALYZE) bench.template")
    connection.execute("ANALYZE bench.share")
    return len(lines)


class _Filling(NamedTuple):
    aside: PutAside
    templates: int
    options: argparse.Namespace

    def month(self, month: Month) -> None:
        """Fill one partition, build its indexes, and note what is visible to all."""
        begin = time.monotonic()
        with _session(self.options.seed + month.number) as connection:
            made = self._rows(connection, month)
            filled = time.monotonic()
            for statement in self.aside.statements[month.table]:
                connection.execute(statement)
            built = time.monotonic()
            connection.execute(f"VACUUM (FREEZE, ANALYZE) {month.table}")
        seconds = [end - start for start, end in pairwise((begin, filled, built, time.monotonic()))]
        told = "rows {:.0f} s, indexes {:.0f} s, vacuum {:.0f} s".format(*seconds)
        print(f"{month.table}: {made:,} in {sum(seconds):.0f} s ({told})", flush=True)

    def _rows(self, connection: psycopg.Connection[Any], month: Month) -> int:
        from bench import rows  # noqa: PLC0415 - not before setup

        with connection.transaction():
            # What is written into a table emptied in the same transaction needs no log of its own.
            connection.execute(f"ALTER TABLE {month.table} DISABLE TRIGGER no_truncate")
            connection.execute(f"TRUNCATE {month.table}")
            connection.execute(f"ALTER TABLE {month.table} ENABLE ALWAYS TRIGGER no_truncate")
            statement = rows.statement(month.table, with_bodies=not self.options.without_bodies)
            numbers = rows.numbers(self.templates, month=month.number, first=month.first, until=month.until)
            return connection.execute(statement, numbers).rowcount


def _check(connection: psycopg.Connection[Any], *, with_bodies: bool) -> None:
    """Some rows have to be what the product makes: canonical bytes, their hash, the words that are searched."""
    import json  # noqa: PLC0415 - here only

    from audit.canonical import canonical_bytes, leaf_hash  # noqa: PLC0415 - not before setup
    from bench import rows  # noqa: PLC0415

    [(expression,)] = connection.execute(rows.EXPRESSION)
    sample = f"SELECT body, salt, leaf_hash, search = ({expression}) FROM {catalogue.LOG} ORDER BY id LIMIT {CHECKED}"
    for body, salt, leaf, found in connection.execute(sample):
        assert not with_bodies or canonical_bytes(json.loads(body)) == body, body
        assert leaf_hash(salt, body) == leaf, body
        assert found, body


def _finish(connection: psycopg.Connection[Any]) -> None:
    connection.execute("DROP SCHEMA bench CASCADE")
    connection.execute(
        "INSERT INTO audit_loghead (tenant_id, last_sequence) "
        f"SELECT tenant_id, max(sequence) FROM {catalogue.LOG} GROUP BY tenant_id"
    )
    connection.execute(
        "INSERT INTO audit_entrykind (tenant_id, event, area, category, actor_type, outcome, in_workspace) "
        "SELECT DISTINCT tenant_id, event, area, category, actor_type, outcome, workspace_id IS NOT NULL "
        f"FROM {catalogue.LOG}"
    )
    connection.execute(
        "INSERT INTO audit_entrycount (tenant_id, hour, category, number) "
        f"SELECT tenant_id, date_trunc('hour', occurred_at, 'UTC'), category, count(*) FROM {catalogue.LOG} "
        "GROUP BY 1, 2, 3"
    )
    connection.execute("ANALYZE")


if __name__ == "__main__":
    sys.exit(main())
