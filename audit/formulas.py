"""Text that a spreadsheet would run, made harmless: in Python, and in PostgreSQL, which writes the files."""

from __future__ import annotations

import re

from django.db.models import Func, TextField

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
