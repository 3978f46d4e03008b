"""Entries as files: CSV for spreadsheets and for machines, NDJSON as the very bytes that were recorded.

Everything is streamed: neither the entries nor the file are ever held as a whole. PostgreSQL makes the lines, by COPY:
it quotes the cells and guards them, and no object is made of an entry. A file has the entries up to a sequence that is
fixed before its first byte, so that it is the log of one moment (the log only grows).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import Case, F, Func, Q, QuerySet, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from audit import queries
from audit.catalog.kinds import Category
from audit.catalog.lookup import CATALOG
from audit.models import AuditEntry
from audit.models.entries import EntryQuerySet

CHUNK = 200
"""Lines in memory at once; one is at most about 300 kB."""

# What a spreadsheet takes for a formula, also behind blanks that it skips (security.md J2). Python's expressions and
# PostgreSQL's read these alike; PostgreSQL's texts have no U+0000.
_BLANKS = r" \u00a0\u00ad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff"
_STARTS = r"=+\-@\uff1d\uff0b\uff0d\uff20\t\r\n"
_FORMULA = re.compile(rf"[{_BLANKS}]*[{_STARTS}\x00]")


def spreadsheet_safe(text: str) -> str:
    """The text, with a `'` before it where a spreadsheet would run it as a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


class Guarded(Func):
    """`spreadsheet_safe` of a column. Most texts begin with a letter of ASCII, which is seen at once."""

    template = (
        "CASE WHEN ascii(%(expressions)s) BETWEEN 65 AND 122 THEN %(expressions)s "
        f"WHEN %(expressions)s ~ '^[{_BLANKS}]*[{_STARTS}]' THEN '''' || %(expressions)s "
        "ELSE %(expressions)s END"
    )
    output_field = TextField()


class Cell(NamedTuple):
    """A column of a file: its text as it is, and its text as a spreadsheet only shows it. Never null."""

    raw: Combinable
    safe: Combinable


def _text(column: str) -> Cell:
    """Words that somebody chose."""
    return Cell(F(column), Guarded(F(column)))


def labelled(column: str, labels: dict[str, str]) -> Cell:
    """People's words for a column's codes; what has none stays as it is."""

    def words(show: Callable[[str], str], otherwise: Combinable) -> Case:
        cases = [When(**{column: code}, then=Value(show(label))) for code, label in labels.items()]
        return Case(*cases, default=otherwise, output_field=TextField())

    return Cell(words(str, F(column)), words(spreadsheet_safe, Guarded(F(column))))


def _shaped(value: Combinable) -> Cell:
    """What is no formula by its form: numbers, moments, objects of JSON."""
    return Cell(value, value)


def _moment(column: str) -> Cell:
    pattern = "to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    return _shaped(Func(F(column), template=pattern, output_field=TextField()))


def _unless(nothing: Q, value: Combinable) -> Cell:
    return _shaped(Case(When(nothing, then=Value("")), default=value, output_field=TextField()))


COLUMNS: list[tuple[str, Cell]] = [
    ("Category", labelled("category", {one.value: one.label for one in Category})),
    ("Action", _text("action")),
    ("Parameters", _unless(Q(parameters={}), Cast("parameters", TextField()))),
    ("Details", _text("details")),
    ("Workspace", _text("workspace_name")),
    ("Done by", _text("done_by")),
    ("Date and Time", _moment("occurred_at")),
    ("Area", labelled("area", {area.code: area.label for area in CATALOG.areas()})),
    ("Event", _text("event")),
    ("Actor type", _text("actor_type")),
    ("Actor name", _text("actor_name")),
    ("Outcome", _text("outcome")),
    ("IP address", _unless(Q(ip=None), Func(F("ip"), function="host", output_field=TextField()))),
    ("Recorded at", _moment("recorded_at")),
    ("Sequence", _shaped(F("sequence"))),
    ("ID", _shaped(F("id"))),
]
"""The seven columns of the page, then what else tells an entry; times are UTC."""

HEADING = ",".join(heading for heading, _ in COLUMNS).encode() + b"\r\n"
MARK = "\ufeff".encode()
"""Makes Excel read UTF-8."""
BODY = Func(F("body"), Value("UTF8"), function="convert_from", output_field=TextField())

# COPY writes an empty text as "" unless something else stands for null, which no cell is.
CSV = "FORMAT csv, NULL 'Auditsite: no cell is null'"
TEXT = "FORMAT text"


@dataclass(frozen=True, slots=True)
class FileFormat:
    """One kind of file. `mode` stands in its name; after `begin` comes what `write` makes of COPY's lines."""

    name: str
    content_type: str
    suffix: str
    mode: str
    begin: bytes
    needs: tuple[Combinable, ...]
    copy: str
    write: Callable[[list[bytes]], bytes]


def _csv(lines: list[bytes]) -> bytes:
    """CSV by RFC 4180, whose lines end in CR LF; COPY's end in LF."""
    return b"\r\n".join([*(line[:-1] for line in lines), b""])


def _ndjson(lines: list[bytes]) -> bytes:
    """The canonical bytes, one entry a line. They hold no control characters, so that COPY doubles backslashes only."""
    return b"".join(lines).replace(b"\\\\", b"\\")


_KIND = "text/csv; charset=utf-8"
_RAW = tuple(cell.raw for _, cell in COLUMNS)
_SAFE = tuple(cell.safe for _, cell in COLUMNS)
FORMATS = {
    one.name: one
    for one in (
        FileFormat("csv", _KIND, "csv", "spreadsheet-safe", MARK + HEADING, _SAFE, CSV, _csv),
        FileFormat("csv_raw", _KIND, "csv", "raw", HEADING, _RAW, CSV, _csv),
        FileFormat("ndjson", "application/x-ndjson", "ndjson", "", b"", (BODY,), TEXT, _ndjson),
    )
}


def file_name(slug: str, file_format: FileFormat, now: datetime) -> str:
    """`acme-audit-log-20261124T081530Z-spreadsheet-safe.csv`"""
    parts = [slug, "audit-log", f"{now:%Y%m%dT%H%M%SZ}", file_format.mode]
    return f"{'-'.join(part for part in parts if part)}.{file_format.suffix}"


def rows(entries: EntryQuerySet, file_format: FileFormat) -> Iterator[bytes]:
    """The file, piece by piece, newest entries first."""
    ordered = entries.order_by("-occurred_at", "-sequence").values_list(*file_format.needs)
    return _gathered(_pieces(ordered, file_format))


def gzipped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same file, compressed by gzip (RFC 1952), quickly rather than well."""
    compressor = zlib.compressobj(1, wbits=31)
    for piece in pieces:
        if packed := compressor.compress(piece):
            yield packed
    yield compressor.flush()


def copied(wanted: QuerySet[AuditEntry, Any], options: str) -> Iterator[bytes]:
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
        # Compiling the columns once for every month takes longer than it saves: 10 s for a million entries.
        cursor.execute("SET LOCAL jit = off")
        statement = f"COPY ({cursor.mogrify(sql, params)}) TO STDOUT ({options})"
        with cursor.copy(statement) as copy:
            for line in copy:
                yield bytes(line)


def _pieces(wanted: QuerySet[AuditEntry, Any], file_format: FileFormat) -> Iterator[bytes]:
    if file_format.begin:
        yield file_format.begin
    lines = copied(wanted, file_format.copy)
    while some := list(islice(lines, CHUNK)):
        yield file_format.write(some)


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
