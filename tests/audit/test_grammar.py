"""What is typed into the search, taken apart."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import grammar
from audit.grammar import Condition, SearchError, Term

KNOWN = ["from", "to", "range", "action", "by", "ip", "target", "not.action", "not.by", "not.ip"]
ALIASES = {"event": "action", "done_by": "by"}
PIECES = [
    '"',
    "“",
    "\\",
    "-",
    ":",
    "by:",
    "p.",
    "not.",
    "*",
    " ",
    "\n",
    "a",
    "ü",
    "7",
    "x y",
    "://",
    "-by:",
    "\x00",
]
TEXTS = st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join))


def read(text: str) -> grammar.Search:
    return grammar.read(text, known=KNOWN, aliases=ALIASES, ideas=["p.workflow_name"])


def conditions(text: str) -> list[tuple[str, str]]:
    return [(one.name, one.value) for one in read(text).conditions]


def test_filters_are_taken_out_of_a_search_and_the_text_is_left() -> None:
    search = read('by:ana@acme.example triage -by:"svc deploy" "dry run" from:2026-11-01T10:15')

    assert search.text == 'triage "dry run"'
    assert search.conditions == (
        Condition("by", "ana@acme.example"),
        Condition("not.by", "svc deploy"),
        Condition("from", "2026-11-01T10:15"),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("by:ana by:bob", [("by", "ana"), ("by", "bob")]),
        ("BY:Ana Done_by:x event:y", [("by", "Ana"), ("by", "x"), ("action", "y")]),
        ("not.by:x -not.by:y", [("not.by", "x"), ("by", "y")]),
        (
            "p.workflow_name:Triage -p.URL:https://x",
            [("p.workflow_name", "Triage"), ("not.p.URL", "https://x")],
        ),
        ('p."a: b":"c \\"d\\""', [("p.a: b", 'c "d"')]),
        ("ip:2001:db8::/32 -ip:203.0.113.7", [("ip", "2001:db8::/32"), ("not.ip", "203.0.113.7")]),
        ("by:“svc deploy” target:\\\\srv\\x", [("by", "svc deploy"), ("target", "\\\\srv\\x")]),
        ('by:"not closed', [("by", "not closed")]),
        ('by:"a"action:b', [("by", "a"), ("action", "b")]),
    ],
)
def test_a_filter_is_a_key_and_what_follows_it_at_once(text: str, expected: list[tuple[str, str]]) -> None:
    assert conditions(text) == expected
    assert read(text).text == ""


@pytest.mark.parametrize(
    "text",
    [
        "https://acme.example/x?y=z", "10:15", "2026-11-24T10:15:00Z", "splunk.corp.example:8088", "2001:db8::7",
        "fe80::1", "dead:beef", "ab:cd:ef:01:23:45", "C:\\temp", "c:/temp", "urn:isbn:0451450523", "std::vector",
        "arn:aws:iam::123:user/ana", "by: ana", "Error: timeout", "by:", ":x", "-:x", '"by:ana"', '-"by:ana"',
        '{"event":"x"}', "[by:ana]", "ana@acme.example", "sha256:00ff", "über:x", "a-b:c",
    ],
)  # fmt: skip
def test_a_text_that_merely_has_a_colon_is_no_filter(text: str) -> None:
    assert read(text) == grammar.Search(" ".join(text.split()), ())


def test_an_unknown_key_names_the_nearest_and_all_that_there_are() -> None:
    with pytest.raises(SearchError) as refused:
        read("triage actoin:x")

    assert str(refused.value) == (
        "“actoin” is no filter. Did you mean “action:”? There are: from, to, range, action, by, ip, target, p.<key>. "
        'To search for it as text, put it in quotes: "actoin:x"'
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("colour:red", "“colour” is no filter. There are"),
        ("workflow_name:Triage", "Did you mean “p.workflow_name:”?"),
        ("form:2026-11-01T10:15", "Did you mean “from:”?"),
        ("-colour:red", 'in quotes: "colour:red"'),
        ("-range:7d", "“range:” cannot be excluded: leave out the minus."),
        ("not.to:2026-11-24", "“to:” cannot be excluded"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_way_out(text: str, words: str) -> None:
    with pytest.raises(SearchError, match=re.escape(words)):
        read(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("triage", [Term(("triage",), prefix=True)]),
        ("tri* -Test", [Term(("tri",), prefix=True), Term(("Test",), prefix=True, without=True)]),
        ('"phishing triage" -“dry run”', [Term(("phishing", "triage")), Term(("dry", "run"), without=True)]),
        ("ana@acme.example", [Term(("ana", "acme", "example"), prefix=True)]),
        ("--force - x", [Term(("force",), prefix=True), Term(("x",), prefix=True)]),
        ('north-east 5"disk', [Term(("north", "east"), prefix=True), Term(("5", "disk"), prefix=True)]),
        ('"say \\"hi\\" C:\\x"', [Term(("say", "hi", "C", "x"))]),
        ('"to the end', [Term(("to", "the", "end"))]),
        ('"" --- * -"" 🙂', []),
    ],
)
def test_text_is_words_by_their_beginning_and_phrases_as_a_whole(text: str, expected: list[Term]) -> None:
    assert grammar.terms(text) == expected


@given(text=TEXTS)
def test_no_search_is_refused_but_by_its_own_error(text: str) -> None:
    grammar.terms(text)
    with suppress(SearchError):
        search = read(text)

        assert read(search.text) == grammar.Search(search.text, ())
        assert all(one.name in KNOWN or "p." in one.name for one in search.conditions)


@given(key=st.text(min_size=1), value=st.text())
def test_what_is_quoted_is_read_as_it_was(key: str, value: str) -> None:
    typed = f"by:{grammar.quoted(value)} -p.{grammar.quoted(key)}:{grammar.quoted(value)}rest"

    assert read(typed) == grammar.Search("rest", (Condition("by", value), Condition(f"not.p.{key}", value)))


@given(words=st.lists(st.from_regex(r"[a-zäß0-9]+", fullmatch=True), min_size=1), signs=TEXTS)
def test_a_quoted_phrase_is_its_words(words: list[str], signs: str) -> None:
    marks = "".join(sign for sign in signs if sign in grammar.PUNCTUATION)

    assert grammar.terms(grammar.quoted(f"{marks} ".join(words))) == [Term(tuple(words))]
