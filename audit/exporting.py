"""Entries as files: CSV for spreadsheets and for machines, NDJSON as the very bytes that were recorded.

Everything is streamed: neither the entries nor the file are ever held as a whole. PostgreSQL sends the rows by COPY,
so that no object is made of an entry. A file has the entries up to a sequence that is fixed before its first byte, so
that it is the log of one moment (the log only grows).
"""

from __future__ import annotations

import csv
import io
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import Case, CharField, F, Func, QuerySet, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce

from audit import queries
from audit.catalog.kinds import Category
from audit.catalog.lookup import CATALOG
from audit.models import AuditEntry
from audit.models.entries import EntryQuerySet

CHUNK = 200
"""Lines in memory at once; one is at most about 300 kB."""


def _labelled(column: str, labels: dict[str, str]) -> Case:
    """People's words for a column's codes; what has none stays as it is."""
    cases = [When(**{column: code}, then=Value(label)) for code, label in labels.items()]
    return Case(*cases, default=F(column), output_field=CharField())


def _moment(column: str) -> Func:
    pattern = "to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    return Func(F(column), template=pattern, output_field=TextField())


COLUMNS: list[tuple[str, Combinable]] = [
    ("Category", _labelled("category", {one.value: one.label for one in Category})),
    ("Action", F("action")),
    (
        "Parameters",
        Case(
            When(parameters={}, then=Value("")),
            default=Cast("parameters", TextField()),
            output_field=TextField(),
        ),
    ),
    ("Details", F("details")),
    ("Workspace", F("workspace_name")),
    ("Done by", F("done_by")),
    ("Date and Time", _moment("occurred_at")),
    ("Area", _labelled("area", {area.code: area.label for area in CATALOG.areas()})),
    ("Event", F("event")),
    ("Actor type", F("actor_type")),
    ("Actor name", F("actor_name")),
    ("Outcome", F("outcome")),
    (
        "IP address",
        Coalesce(
            Func(F("ip"), function="host", output_field=TextField()), Value(""), output_field=TextField()
        ),
    ),
    ("Recorded at", _moment("recorded_at")),
    ("Sequence", F("sequence")),
    ("ID", F("id")),
]
"""The seven columns of the page, then what else tells an entry; times are UTC. None of them may be null."""

BODY = Func(F("body"), Value("UTF8"), function="convert_from", output_field=TextField())

# What a spreadsheet takes for a formula, also behind blanks that it skips (security.md J2).
_SKIPPED = " \u00a0\u00ad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff"
_FORMULA = re.compile(f"[{_SKIPPED}]*[=+\\-@＝＋－＠\t\r\n\x00]")


# How COPY writes what would end a cell or a line.
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SIGNS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


@dataclass(frozen=True, slots=True)
class FileFormat:
    """One kind of file. `mode` stands in its name; `write` makes pieces of it from COPY's lines of `needs`."""

    name: str
    content_type: str
    suffix: str
    mode: str
    write: Callable[[Iterator[bytes]], Iterator[bytes]]
    needs: tuple[Combinable, ...]


def spreadsheet_safe(text: str) -> str:
    """The text, with a `'` before it where a spreadsheet would run it as a formula."""
    return f"'{text}" if not text[:1].isalnum() and _FORMULA.match(text) else text


def csv_safe(lines: Iterator[bytes]) -> Iterator[bytes]:
    """CSV by RFC 4180 that a spreadsheet only shows. The mark before it makes Excel read UTF-8."""
    yield "\ufeff".encode()
    yield from _csv(lines, spreadsheet_safe)


def csv_raw(lines: Iterator[bytes]) -> Iterator[bytes]:
    """CSV by RFC 4180 with every value as it was recorded, for machines."""
    yield from _csv(lines, None)


def ndjson(lines: Iterator[bytes]) -> Iterator[bytes]:
    """The canonical bytes, one entry a line. They hold no control characters, so that COPY doubles backslashes only."""
    while some := b"".join(islice(lines, CHUNK)):
        yield some.replace(b"\\\\", b"\\")


_CELLS = tuple(cell for _, cell in COLUMNS)
FORMATS = {
    one.name: one
    for one in (
        FileFormat("csv", "text/csv; charset=utf-8", "csv", "spreadsheet-safe", csv_safe, _CELLS),
        FileFormat("csv_raw", "text/csv; charset=utf-8", "csv", "raw", csv_raw, _CELLS),
        FileFormat("ndjson", "application/x-ndjson", "ndjson", "", ndjson, (BODY,)),
    )
}


def file_name(slug: str, file_format: FileFormat, now: datetime) -> str:
    """`acme-audit-log-20261124T081530Z-spreadsheet-safe.csv`"""
    parts = [slug, "audit-log", f"{now:%Y%m%dT%H%M%SZ}", file_format.mode]
    return f"{'-'.join(part for part in parts if part)}.{file_format.suffix}"


def rows(entries: EntryQuerySet, file_format: FileFormat) -> Iterator[bytes]:
    """The file, piece by piece, newest entries first."""
    ordered = entries.order_by("-occurred_at", "-sequence").values_list(*file_format.needs)
    return _gathered(file_format.write(_copied(ordered)))


def gzipped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same file, compressed by gzip (RFC 1952), quickly rather than well."""
    compressor = zlib.compressobj(1, wbits=31)
    for piece in pieces:
        if packed := compressor.compress(piece):
            yield packed
    yield compressor.flush()


def _copied(wanted: QuerySet[AuditEntry, Any]) -> Iterator[bytes]:
    """The rows of a query as COPY's lines. A reader that goes away ends it."""
    try:
        sql, params = wanted.query.sql_with_params()
    except EmptyResultSet:
        return
    with (
        connection.wrap_database_errors,
        queries.sparing(wanted, sorting="off"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        statement = f"COPY ({cursor.mogrify(sql, params)}) TO STDOUT"
        with cursor.copy(statement) as copy:
            for line in copy:
                yield bytes(line)


def _csv(lines: Iterator[bytes], guard: Callable[[str], str] | None) -> Iterator[bytes]:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([heading for heading, _ in COLUMNS])
    yield text.getvalue().encode()
    cells = map(_cells, lines)
    while some := list(islice(cells, CHUNK)):
        text.seek(0)
        text.truncate()
        writer.writerows([map(guard, row) for row in some] if guard else some)
        yield text.getvalue().encode()


def _cells(line: bytes) -> list[str]:
    text = line.decode()[:-1]
    cells = text.split("\t")
    return [_ESCAPED.sub(_meant, cell) for cell in cells] if "\\" in text else cells


def _meant(escaped: re.Match[str]) -> str:
    return _SIGNS.get(escaped[1], escaped[1])


def _gathered(pieces: Iterator[bytes], *, size: int = 65_536) -> Iterator[bytes]:
    """The same bytes in larger pieces: a server sends each piece by itself."""
    kept: list[bytes] = []
    length = 0
    for piece in pieces:
        kept.append(piece)
        length += len(piece)
        if length >= size:
            yield b"".join(kept)
            kept, length = [], 0
    if kept:
        yield b"".join(kept)
