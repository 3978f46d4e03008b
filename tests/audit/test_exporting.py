from __future__ import annotations

import csv
import io
import json
import random
import tracemalloc
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection

from audit import exporting, queries, recording
from audit.drafts import Actor, Context, Draft, DraftRefused, Place
from audit.formulas import spreadsheet_safe
from audit.models import AuditEntry, Tenant, Workspace
from tests.entries import NOON, draft, make_entry

NASTY = [
    *'=+-@＝＠\t\r\n",;\\\'', " ", "\u00a0", "\ufeff", "\u200b", "\x01", "a", "Z", "7", "é", "\\N", "\\.", "🙂",
]  # fmt: skip
CASES = Path(__file__).parent.parent / "cases" / "injection_cases.tsv"


def file(tenant: Tenant, name: str) -> bytes:
    return b"".join(exporting.rows(queries.readable(tenant), exporting.FORMATS[name]))


def table(tenant: Tenant, name: str = "csv") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file(tenant, name).decode("utf-8-sig"), newline="")))


def test_csv_begins_with_the_seven_columns_and_adds_what_tells_an_entry(acme: Tenant, soc: Workspace) -> None:
    entry = make_entry(
        acme,
        by="ana@acme.example",
        workspace=soc,
        parameters={"name": "Tëst", "version": 7},
        details="Seven steps,\n“quoted”",
        context=Context(ip="203.0.113.7"),
    )

    [row] = table(acme)

    assert list(row)[:7] == [
        "Category", "Action", "Parameters", "Details", "Workspace", "Done by", "Date and Time",
    ]  # fmt: skip
    assert row["Category"] == "System configuration"
    assert row["Action"] == "Workflow published"
    assert json.loads(row["Parameters"]) == {"name": "Tëst", "version": 7}
    assert row["Details"] == "Seven steps,\n“quoted”"
    assert row["Workspace"] == "SOC"
    assert row["Done by"] == "ana@acme.example"
    assert row["Date and Time"] == "2026-11-24T12:00:00.000000Z"
    assert (row["Area"], row["Event"], row["Sequence"], row["ID"]) == (
        "Workflows", "workflows.workflow_published", "1", str(entry.pk),
    )  # fmt: skip
    assert row["IP address"] == "203.0.113.7"


def test_a_label_that_a_spreadsheet_would_run_is_guarded_too(acme: Tenant) -> None:
    make_entry(acme)
    cell = exporting.labelled("area", {"workflows": "=1+1"})

    [row] = queries.readable(acme).values_list(cell.raw, cell.safe)

    assert row == ("=1+1", "'=1+1")


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["csv", "csv_raw"])
def test_any_words_make_the_file_that_pythons_csv_makes(acme: Tenant, name: str, seed: int) -> None:
    rng = random.Random(seed)
    entries = [nasty(rng) for _ in range(300)]
    recording.record_many(tenant=acme, drafts=entries, now=NOON)

    _, _, lines = file(acme, name).partition(b"\r\n")

    written = io.StringIO()
    show = spreadsheet_safe if name == "csv" else str
    cells = (map(show, cells_of(entry)) for entry in queries.readable(acme).order_by(*queries.NEWEST_FIRST))
    csv.writer(written, lineterminator="\r\n").writerows(cells)
    assert lines == written.getvalue().encode()


def nasty(rng: random.Random) -> Draft:
    def words() -> str:
        return "".join(rng.choices(NASTY, k=rng.randint(0, 6)))

    return draft(
        rng.choice(["workflows.workflow_published", "cases.case_shared"]),
        actor=Actor(name=words() + "x", type="service_account"),
        workspace=Place(uuid4(), "soc", words()),
        parameters={words(): words(), "n": rng.randint(-9, 9)} if rng.random() < 0.8 else {},
        details=words(),
        context=rng.choice([None, Context(), Context(ip="203.0.113.7"), Context(ip="2001:db8::1")]),
        occurred_at=NOON - timedelta(microseconds=rng.randrange(10**12)),
    )


def cells_of(entry: AuditEntry) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT parameters::text FROM audit_auditentry WHERE id = %s", [entry.pk])
        parameters = cursor.fetchone()[0]
    moments = [f"{at:%Y-%m-%dT%H:%M:%S.%fZ}" for at in (entry.occurred_at, entry.recorded_at)]
    return [
        entry.category_label, entry.action, "" if parameters == "{}" else parameters, entry.details,
        entry.workspace_name, entry.done_by, moments[0], entry.area_label, entry.event, entry.actor_type,
        entry.actor_name, entry.outcome, entry.ip or "", moments[1], str(entry.sequence), str(entry.pk),
    ]  # fmt: skip


def test_no_cell_of_the_corpus_is_a_formula_and_raw_values_stay_exact(acme: Tenant) -> None:
    values = corpus()
    entries = [draft(details=value, parameters={"v": value}) for value in values]
    recording.record_many(tenant=acme, drafts=entries, now=NOON)

    safe, raw = table(acme), table(acme, "csv_raw")

    assert len(safe) == len(raw) == len(values)
    assert [row["Details"] for row in raw] == values[::-1]
    for row in safe:
        for cell in row.values():
            assert not cell.lstrip(" \u00a0\ufeff\u200b").startswith(tuple("=+-@\t\r\n＝＋－＠")), cell


def corpus() -> list[str]:
    """What of the corpus an entry can hold."""
    lines = [
        line for line in CASES.read_text(encoding="utf-8").split("\n") if line and not line.startswith("#")
    ]
    values = [json.loads(line.split("\t")[2]) for line in lines[1:]]
    usable = [value for value in values if isinstance(value, str) and storable(value)]
    assert len(usable) > 30
    return usable


def storable(value: str) -> bool:
    try:
        draft(details=value, parameters={"v": value}).check()
    except DraftRefused:
        return False
    return True


def test_ndjson_is_the_recorded_bytes_line_by_line(acme: Tenant) -> None:
    first = make_entry(acme, details="línea\nuno")
    second = make_entry(acme, at=NOON + timedelta(hours=1))

    lines = file(acme, "ndjson").split(b"\n")

    assert lines == [bytes(second.body), bytes(first.body), b""]


def test_file_names_say_tenant_moment_number_and_mode() -> None:
    assert exporting.file_name("acme", exporting.FORMATS["csv"], NOON, number=12_480) == (
        "acme-audit-log-20261124T120000Z-12480-entries-spreadsheet-safe.csv"
    )
    assert exporting.file_name("acme", exporting.FORMATS["ndjson"], NOON, number=1) == (
        "acme-audit-log-20261124T120000Z-1-entries.ndjson"
    )


def test_a_log_without_entries_is_a_file_with_a_heading(acme: Tenant) -> None:
    assert file(acme, "csv_raw").startswith(b"Category,Action,")
    assert file(acme, "ndjson") == b""
    nothing = queries.readable(acme, workspaces=frozenset())
    assert b"".join(exporting.rows(nothing, exporting.FORMATS["ndjson"])) == b""


def test_what_copy_would_escape_comes_out_as_it_was_recorded(acme: Tenant) -> None:
    text = 'back\\slash \\n \\\\ tab\there\r\n"quoted", \b\f\v\x1f \\N end'
    entry = make_entry(acme, details=text, parameters={"v": text})

    [row] = table(acme, "csv_raw")

    assert row["Details"] == text
    assert json.loads(row["Parameters"]) == {"v": text}
    assert file(acme, "ndjson") == bytes(entry.body) + b"\n"


def test_a_reader_who_goes_away_leaves_the_connection_usable(acme: Tenant) -> None:
    recording.record_many(tenant=acme, drafts=[draft(details="x" * 900)] * 500, now=NOON)
    pieces = exporting.rows(queries.readable(acme), exporting.FORMATS["ndjson"])
    next(pieces)

    pieces.close()  # type: ignore[attr-defined] # a generator

    assert queries.readable(acme).count() == 500


@pytest.mark.slow
def test_memory_stays_the_same_however_large_the_file(acme: Tenant) -> None:
    one = draft(details="x" * 500, parameters={"name": "y" * 500})
    for _ in range(4):
        recording.record_many(tenant=acme, drafts=[one] * 5_000, now=NOON)

    for name in ("csv", "json"):
        pieces = exporting.rows(queries.readable(acme), exporting.FORMATS[name])
        size = len(next(pieces))
        tracemalloc.start()
        size += sum(len(piece) for piece in pieces)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()

        assert size > 20_000_000
        assert most < 6_000_000
