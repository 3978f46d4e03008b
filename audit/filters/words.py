"""The filter by text: words, beginnings of words, phrases, and what must not be there (`audit.grammar.Term`)."""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import Any

from django import forms
from django.contrib.postgres.search import SearchQuery
from django.db.models import F, Func, IntegerField, Q, TextField, Value

from audit import grammar
from audit.filters import fields, kinds


class WordsFilter(kinds.EntryFilter):
    """All of the words and phrases, and none of those without; in `column` alone, if one is named."""

    field_class = fields.WordsField
    op, turned_op = "contains", "does not contain"
    typed = True

    def __init__(self, *, column: str = "", **kwargs: Any) -> None:
        super().__init__("search", **kwargs)
        self.column = column
        self.menu = "more" if column else "own"
        self.turns = bool(column)

    @property
    def field(self) -> forms.Field:
        return self.field_class(label=self.label, required=False)

    def condition(self, value: list[grammar.Term]) -> Q:
        wanted = [term for term in value if not term.without]
        holds = self._has(wanted) if wanted else Q()
        # Each by itself: "not" inside a question to a GIN index would read all of the index.
        for term in value:
            holds &= ~self._has([term]) if term.without else Q()
        return holds

    def _has(self, terms: list[grammar.Term]) -> Q:
        asked = SearchQuery(" & ".join(map(_asked, terms)), config="simple", search_type="raw")
        anywhere = Q(search=asked)
        if not self.column:
            return anywhere
        # The index on all texts finds those in which this column has to be looked at: first for the letters, as it
        # takes fifty times as long to split a text into words.
        blank = Value(" " * len(grammar.PUNCTUATION))
        text = Func(
            F(self.column), Value(grammar.PUNCTUATION), blank, function="translate", output_field=TextField()
        )
        vector = Func(Value("simple"), text, function="to_tsvector", output_field=TextField())
        letters = (_letters(self.column, word) for term in terms for word in term.words)
        return anywhere & reduce(and_, letters) & Q(kinds.truth(Func(vector, asked, arg_joiner=" @@ ")))


def _letters(column: str, word: str) -> Q:
    """What has to hold where the word does: its letters are there, or others whose small forms PostgreSQL may know."""
    small = Func(F(column), function="lower", output_field=TextField())
    there = kinds.truth(Func(small, Value(f"%{word.lower()}%"), arg_joiner=" LIKE "))
    size, length = (
        Func(F(column), function=name, output_field=IntegerField())
        for name in ("octet_length", "char_length")
    )
    return Q(there) | Q(kinds.truth(Func(size, length, arg_joiner=" <> "))) if word.isascii() else Q()


def _asked(term: grammar.Term) -> str:
    """The term for to_tsquery; its words hold none of the signs that mean something there."""
    return "(" + " <-> ".join(f"'{word}'" for word in term.words) + (":*)" if term.prefix else ")")
