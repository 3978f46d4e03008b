"""What the Audit Log page costs the server: time to the whole answer, set against the SQL of the same page alone.

    python -m bench.log_page --data-dir DIR [--entries 1000000] [--times 40]

DIR is filled with one tenant that has all the entries, unless it is filled already. Each shape of the page is asked for
through Django with all its middleware, and beside it what a person opens next: a menu's values with counts. The SQL is
the time from sending each question until its answer is here, within the same requests; the ratio is that of the two
sums. What goes over the wire is the page as it is sent, compressed.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import fill, ground

if TYPE_CHECKING:
    from django.test import Client

SLUG = "tenant-0001"
LOG = f"/t/{SLUG}/audit-log/"
PERSON = f"person01%40{SLUG}.example"
# Each with the menu that is opened above it.
SHAPES = {
    "without filter": ("", "action"),
    "30 days": ("range=30d", "by"),
    "a category": ("category=user_actions", "workspace"),
    "an action in 7 days": ("range=7d&action=cases.case_shared", "by"),
    "a person in a workspace": (f"by={PERSON}&workspace=ws-01", "action"),
    "all but two people": (f"not.by={PERSON}&not.by=person02%40{SLUG}.example&range=30d", "by"),
    "an older page": ("range=90d&before={older}", "category"),
}
MOST_MS, MOST_TIMES, MOST_BYTES = 150, 3, 150_000
QUESTIONS = 12


def main() -> int:
    options = _options()
    with ground.database(options.data_dir):
        _fill(options)
        late = _measure(options.times)
    return int(late)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=40, help="how often each page is asked for")
    return parser.parse_args()


def _fill(options: argparse.Namespace) -> None:
    from bench import population  # noqa: PLC0415 - not before setup

    population.TENANTS = 1
    fill.fill(argparse.Namespace(entries=options.entries, seed=7, without_bodies=False, workers=2))


def _measure(times: int) -> bool:
    """Print a line for each shape; whether a promise is missed."""
    client, older = _reader(), _older()
    print(
        f"{'page':26} {'p50 ms':>7} {'p95 ms':>7} {'SQL p50':>8} {'p95':>6} {'ratio':>6} {'questions':>9} {'bytes':>7}"
    )
    worst, missed = 0.0, False
    for name, (query, menu) in SHAPES.items():
        asked = query.format(older=older)
        addresses = {name: f"{LOG}?{asked}", f"  … and its menu “{menu}”": f"{LOG}values/{menu}/?{asked}"}
        both = [_timed(client, address, times) for address in addresses.values()]
        for title, told in zip(addresses, both, strict=True):
            missed |= _line(title, told)
        ratio = sum(one.whole for one in both) / sum(one.sql for one in both)
        worst = max(worst, ratio)
        missed |= ratio > MOST_TIMES
        print(f"{'  … both':26} {'':31} {ratio:6.2f}")
    print(
        f"Promised: {MOST_MS} ms at p95, {MOST_TIMES} times the SQL (worst {worst:.2f}), {MOST_BYTES:,} bytes."
    )
    return missed


class _Told:
    """What a number of equal requests took, in milliseconds."""

    def __init__(self, whole: list[float], sql: list[float], questions: int, size: int) -> None:
        self.spent, self.asked, self.questions, self.size = whole, sql, questions, size
        self.whole, self.sql = sum(whole), sum(sql)


def _line(title: str, told: _Told) -> bool:
    (whole, late), (sql, late_sql) = (_percentiles(some) for some in (told.spent, told.asked))
    ratio = told.whole / told.sql
    print(
        f"{title:26} {whole:7.1f} {late:7.1f} {sql:8.1f} {late_sql:6.1f} {ratio:6.2f} {told.questions:9} {told.size:7,}"
    )
    return late > MOST_MS or told.size > MOST_BYTES or told.questions > QUESTIONS


def _percentiles(some: list[float]) -> tuple[float, float]:
    cuts = statistics.quantiles(some, n=20, method="inclusive")
    return cuts[9], cuts[18]


def _timed(client: Client, address: str, times: int) -> _Told:
    headers = {"Accept-Encoding": "gzip", **({"HX-Request": "true"} if "/values/" in address else {})}
    whole, sql, questions, size = [], [], 0, 0
    for number in range(times + 3):
        begin = time.perf_counter()
        with _database_time() as passed:
            response = client.get(address, headers=headers)
        spent = (time.perf_counter() - begin) * 1000
        if response.status_code != 200:
            raise SystemExit(f"{address} answered {response.status_code}")
        if number >= 3:  # the first ones warm up
            whole.append(spent)
            sql.append(passed[0] * 1000)
            questions, size = max(questions, int(passed[1])), max(size, len(response.content))
    return _Told(whole, sql, questions, size)


@contextmanager
def _database_time() -> Iterator[list[float]]:
    """Seconds from sending each question until its whole answer is here, and how many there were."""
    from django.db import connection  # noqa: PLC0415 - not before setup

    passed = [0.0, 0]

    def timing(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        begin = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            passed[0] += time.perf_counter() - begin
            passed[1] += 1

    with connection.execute_wrapper(timing):
        yield passed


def _reader() -> Client:
    """An admin of the tenant, signed in, as a browser sends them; pages name static files as they lie."""
    from django.conf import settings  # noqa: PLC0415 - not before setup
    from django.test import Client  # noqa: PLC0415

    from audit.models import Membership, Person, Role, Tenant  # noqa: PLC0415

    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    person, _ = Person.objects.get_or_create(email="reader@bench.example")
    tenant = Tenant.objects.get(slug=SLUG)
    Membership.objects.get_or_create(person=person, tenant=tenant, defaults={"role": Role.ADMIN})
    client = Client()
    client.force_login(person)
    return client


def _older() -> str:
    """A place a good way down the log, as an address has it."""
    from urllib.parse import quote  # noqa: PLC0415 - here only

    from audit import queries  # noqa: PLC0415 - not before setup
    from audit.models import Tenant  # noqa: PLC0415

    tenant = Tenant.objects.get(slug=SLUG)
    entries = queries.readable(tenant).order_by("-occurred_at", "-sequence")
    place = entries.values_list("occurred_at", "sequence")[random.Random(7).randrange(20_000, 40_000)]
    return quote(queries.Cursor("older", *place).sign(tenant))


if __name__ == "__main__":
    sys.exit(main())
