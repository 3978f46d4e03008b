"""Entries as files: CSV for spreadsheets and for machines, NDJSON as the very bytes that were recorded.

Everything is streamed: neither the entries nor the file are ever held as a whole. A file has the entries up to a
sequence that is fixed before its first byte, so that it is the log of one moment (the log only grows).
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from audit.canonical import timestamp
from audit.catalog.kinds import Category
from audit.models import AuditEntry
from audit.models.entries import EntryQuerySet

CHUNK = 500
"""Entries in memory at once; one is at most about 300 kB."""

COLUMNS: list[tuple[str, Callable[[AuditEntry], str]]] = [
    ("Category", lambda entry: Category(entry.category).label),
    ("Action", lambda entry: entry.action),
    (
        "Parameters",
        lambda entry: json.dumps(entry.parameters, ensure_ascii=False) if entry.parameters else "",
    ),
    ("Details", lambda entry: entry.details),
    ("Workspace", lambda entry: entry.workspace_name),
    ("Done by", lambda entry: entry.done_by),
    ("Date and Time", lambda entry: timestamp(entry.occurred_at)),
    ("Area", lambda entry: entry.area_label),
    ("Event", lambda entry: entry.event),
    ("Actor type", lambda entry: entry.actor_type),
    ("Actor name", lambda entry: entry.actor_name),
    ("Outcome", lambda entry: entry.outcome),
    ("IP address", lambda entry: entry.ip or ""),
    ("Recorded at", lambda entry: timestamp(entry.recorded_at)),
    ("Sequence", lambda entry: str(entry.sequence)),
    ("ID", lambda entry: str(entry.pk)),
]
"""The seven columns of the page, then what else tells an entry; times are UTC."""

# What a spreadsheet takes for a formula, also behind blanks that it skips (security.md J2).
_SKIPPED = " \u00a0\u00ad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff"
_FORMULA = re.compile(f"[{_SKIPPED}]*[=+\\-@＝＋－＠\t\r\n\x00]")


@dataclass(frozen=True, slots=True)
class FileFormat:
    """One kind of file. `mode` stands in its name; `write` makes pieces of it, one or more a chunk."""

    name: str
    content_type: str
    suffix: str
    mode: str
    write: Callable[[Iterator[AuditEntry]], Iterator[bytes]]
    needs: tuple[str, ...]


class _Line:
    """What csv writes into: keeps one line at a time."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        self.text = text


def spreadsheet_safe(text: str) -> str:
    """The text, with a `'` before it where a spreadsheet would run it as a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def csv_safe(entries: Iterator[AuditEntry]) -> Iterator[bytes]:
    """CSV by RFC 4180 that a spreadsheet only shows. The mark before it makes Excel read UTF-8."""
    yield "\ufeff".encode()
    yield from _csv(entries, spreadsheet_safe)


def csv_raw(entries: Iterator[AuditEntry]) -> Iterator[bytes]:
    """CSV by RFC 4180 with every value as it was recorded, for machines."""
    yield from _csv(entries, str)


def ndjson(entries: Iterator[AuditEntry]) -> Iterator[bytes]:
    """The canonical bytes, one entry a line."""
    for entry in entries:
        yield bytes(entry.body) + b"\n"


FORMATS = {
    one.name: one
    for one in (
        FileFormat("csv", "text/csv; charset=utf-8", "csv", "spreadsheet-safe", csv_safe, ()),
        FileFormat("csv_raw", "text/csv; charset=utf-8", "csv", "raw", csv_raw, ()),
        FileFormat("ndjson", "application/x-ndjson", "ndjson", "", ndjson, ("body",)),
    )
}


def file_name(slug: str, file_format: FileFormat, now: datetime) -> str:
    """`acme-audit-log-20261124T081530Z-spreadsheet-safe.csv`"""
    parts = [slug, "audit-log", f"{now:%Y%m%dT%H%M%SZ}", file_format.mode]
    return f"{'-'.join(part for part in parts if part)}.{file_format.suffix}"


def rows(entries: EntryQuerySet, file_format: FileFormat) -> Iterator[bytes]:
    """The file, piece by piece, newest entries first."""
    ordered = entries.order_by("-occurred_at", "-sequence")
    fields = (*file_format.needs, "occurred_at", "sequence")
    narrow = (
        ordered.only(*fields) if file_format.needs else ordered.defer("body", "salt", "leaf_hash", "search")
    )
    return _gathered(file_format.write(narrow.iterator(chunk_size=CHUNK)))


def _csv(entries: Iterator[AuditEntry], guard: Callable[[str], str]) -> Iterator[bytes]:
    line = _Line()
    writer = csv.writer(line, lineterminator="\r\n")
    writer.writerow([heading for heading, _ in COLUMNS])
    yield line.text.encode()
    for entry in entries:
        writer.writerow([guard(value(entry)) for _, value in COLUMNS])
        yield line.text.encode()


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
