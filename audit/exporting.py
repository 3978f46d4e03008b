"""Entries as files: CSV for spreadsheets and for machines, NDJSON and JSON with the very bytes that were recorded.

Everything is streamed: neither the entries nor the file are ever held as a whole. PostgreSQL makes the lines, by COPY:
it quotes the cells and guards them, and no object is made of an entry. A file has the entries up to a sequence that is
fixed before its first byte, so that it is the log of one moment (the log only grows). It has as many entries as were
promised, or its end never comes (docs/decisions/0010-exports.md).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple, NoReturn

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import Case, F, Func, Q, QuerySet, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from audit import queries
from audit.catalog.kinds import Category
from audit.catalog.lookup import CATALOG
from audit.formulas import Guarded, spreadsheet_safe
from audit.models import AuditEntry
from audit.models.entries import EntryQuerySet

CHUNK = 200
"""Lines in memory at once; one is at most about 300 kB."""


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


class NotAsPromised(Exception):
    """A file would not have the entries that it was said to have: its end must not look like one."""


@dataclass(slots=True)
class Tally:
    """How many entries a file was said to have (None: nobody has said so), and how many it has so far."""

    promised: int | None = None
    written: int = 0

    def add(self, number: int) -> None:
        self.written += number
        if self.promised is not None and self.written > self.promised:
            self._differs()

    def close(self) -> int:
        """How many they are, now that none follows. Raises NotAsPromised."""
        if self.promised not in {None, self.written}:
            self._differs()
        return self.written

    def _differs(self) -> NoReturn:
        raise NotAsPromised(f"{self.promised:,} entries were promised, {self.written:,} were found")


@dataclass(frozen=True, slots=True)
class FileFormat:
    """One kind of file. `mode` stands in its name; after `begin` comes what `write` makes of COPY's lines.

    `between` stands between two parts of it, and `end` makes its end of the number of its entries.
    """

    name: str
    content_type: str
    suffix: str
    mode: str
    begin: bytes
    needs: tuple[Combinable, ...]
    copy: str
    write: Callable[[list[bytes]], bytes]
    between: bytes = b""
    end: Callable[[int], bytes] = lambda _: b""


def _csv(lines: list[bytes]) -> bytes:
    """CSV by RFC 4180, whose lines end in CR LF; COPY's end in LF."""
    return b"\r\n".join([*(line[:-1] for line in lines), b""])


def _ndjson(lines: list[bytes]) -> bytes:
    """The canonical bytes, one entry a line. They hold no control characters, so that COPY doubles backslashes only."""
    return b"".join(lines).replace(b"\\\\", b"\\")


def _json(lines: list[bytes]) -> bytes:
    """The same bytes as members of an array, one entry a line."""
    return b",\n".join(line[:-1] for line in lines).replace(b"\\\\", b"\\")


def _json_end(number: int) -> bytes:
    return b'\n],"count":%d}\n' % number


_KIND = "text/csv; charset=utf-8"
_RAW = tuple(cell.raw for _, cell in COLUMNS)
_SAFE = tuple(cell.safe for _, cell in COLUMNS)
FORMATS = {
    one.name: one
    for one in (
        FileFormat("csv", _KIND, "csv", "spreadsheet-safe", MARK + HEADING, _SAFE, CSV, _csv),
        FileFormat("csv_raw", _KIND, "csv", "raw", HEADING, _RAW, CSV, _csv),
        FileFormat("ndjson", "application/x-ndjson", "ndjson", "", b"", (BODY,), TEXT, _ndjson),
        FileFormat(
            "json", "application/json", "json", "", b'{"entries":[\n', (BODY,), TEXT, _json, b",\n", _json_end
        ),
    )
}


def file_name(slug: str, file_format: FileFormat, now: datetime, *, number: int) -> str:
    """`acme-audit-log-20261124T081530Z-12480-entries-spreadsheet-safe.csv`"""
    parts = [slug, "audit-log", f"{now:%Y%m%dT%H%M%SZ}", f"{number}-entries", file_format.mode]
    return f"{'-'.join(part for part in parts if part)}.{file_format.suffix}"


def rows(entries: EntryQuerySet, file_format: FileFormat, *, tally: Tally | None = None) -> Iterator[bytes]:
    """The file, piece by piece, newest entries first. Raises NotAsPromised as soon as `tally` does, before the end."""
    ordered = entries.order_by("-occurred_at", "-sequence").values_list(*file_format.needs)
    return _gathered(_pieces(ordered, file_format, tally or Tally()))


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
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        for name, value in queries.spared(wanted, sorting="off").items():
            cursor.execute(f"SET LOCAL {name} = {value}")
        # Compiling the columns once for every month takes longer than it saves: 10 s for a million entries.
        cursor.execute("SET LOCAL jit = off")
        statement = f"COPY ({cursor.mogrify(sql, params)}) TO STDOUT ({options})"
        with cursor.copy(statement) as copy:
            for line in copy:
                yield bytes(line)


def _pieces(wanted: QuerySet[AuditEntry, Any], file_format: FileFormat, tally: Tally) -> Iterator[bytes]:
    yield file_format.begin
    lines = copied(wanted, file_format.copy)
    while some := list(islice(lines, CHUNK)):
        if tally.written:
            yield file_format.between
        tally.add(len(some))
        yield file_format.write(some)
    yield file_format.end(tally.close())


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
