"""The filter by the id of the request that an entry came from.

The id is no column: it is looked for in the entries' bytes. That is quick within a time (10,000 entries in some
hundredths of a second) and slow over a whole log, so links by it bring a range along (`audit.views.pivots`).
"""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.db.models import BinaryField, BooleanField, Case, F, Func, IntegerField, Q, TextField, Value, When
from django.db.models.lookups import Exact, GreaterThan

from audit.canonical import canonical_bytes
from audit.filters import kinds


class RequestFilter(kinds.ManyFilter):
    """Any of these ids, each to the letter."""

    counted = False

    def condition(self, value: list[str]) -> Q:
        return reduce(or_, (Q(_came_from(one)) for one in value))


def _came_from(request_id: str) -> Case:
    """Whether the entry's context says this id; its JSON is only read where the letters are in it."""
    letters = canonical_bytes({"request_id": request_id})[1:-1]
    place = Func(
        Value(letters, output_field=BinaryField()),
        F("body"),
        function="position",
        arg_joiner=" IN ",
        output_field=IntegerField(),
    )
    text = Func(F("body"), Value("UTF8"), function="convert_from", output_field=TextField())
    # An entry without an id is one that has another: "is not" finds it.
    said = Func(
        text,
        template="coalesce((%(expressions)s)::jsonb #>> '{context,request_id}', '')",
        output_field=TextField(),
    )
    holds = When(GreaterThan(place, Value(0)), then=Exact(said, Value(request_id)))
    return Case(holds, default=Value(False), output_field=BooleanField())  # noqa: FBT003 - SQL's
