"""A file has as many entries as was said before it began, and JSON says at its end how many they are."""

from __future__ import annotations

import json

import pytest

from audit import exporting, queries, recording
from audit.exporting import NotAsPromised, Tally
from audit.models import Tenant
from tests.entries import NOON, draft, make_entry


def written(tenant: Tenant, name: str, tally: Tally) -> bytes:
    return b"".join(exporting.rows(queries.readable(tenant), exporting.FORMATS[name], tally=tally))


@pytest.mark.parametrize("number", [0, 1, exporting.CHUNK, exporting.CHUNK + 1, 2 * exporting.CHUNK + 7])
def test_json_is_one_value_that_ends_with_the_number_of_its_entries(acme: Tenant, number: int) -> None:
    nasty = draft(details='back\\slash, "quoted",\n],"count":7}', parameters={"v": "\\N"})
    recording.record_many(tenant=acme, drafts=[nasty] * number, now=NOON)
    bodies = [bytes(entry.body) for entry in queries.readable(acme)]

    text = written(acme, "json", Tally(number))

    found = json.loads(text)
    assert (len(found["entries"]), found["count"]) == (number, number)
    assert text == b'{"entries":[\n' + b",\n".join(bodies) + b'\n],"count":%d}\n' % number


@pytest.mark.parametrize("name", list(exporting.FORMATS))
@pytest.mark.parametrize("promised", [2, 4])
def test_a_file_that_would_not_have_what_was_promised_never_ends(
    acme: Tenant, name: str, promised: int
) -> None:
    for _ in range(3):
        make_entry(acme)
    whole = written(acme, name, Tally())
    pieces = exporting.rows(queries.readable(acme), exporting.FORMATS[name], tally=Tally(promised))
    so_far = b""

    with pytest.raises(NotAsPromised, match=rf"{promised} entries were promised, 3 were found"):  # noqa: PT012
        for piece in pieces:
            so_far += piece

    assert so_far != whole


@pytest.mark.parametrize("name", list(exporting.FORMATS))
def test_what_was_promised_is_counted_as_it_is_written(acme: Tenant, name: str) -> None:
    recording.record_many(tenant=acme, drafts=[draft()] * 450, now=NOON)
    tally = Tally(450)

    written(acme, name, tally)

    assert tally.written == 450
