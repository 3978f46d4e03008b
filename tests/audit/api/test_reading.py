"""GET /entries and /entries/<id>: the stored bytes, newest first or by sequence, of one tenant only."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from datetime import timedelta
from typing import Any, NoReturn
from uuid import uuid4

import pytest

from audit import queries
from audit.api import reading
from audit.models import AuditEntry, Tenant, Workspace
from tests.audit.api.caller import Caller, answered, caller, entry, errors
from tests.entries import NOON, make_entry


def _sequences(page: dict[str, Any]) -> list[int]:
    return [one["sequence"] for one in page["entries"]]


def _walk(platform: Caller, **query: Any) -> list[list[int]]:
    """All pages, from the first until there is no next one or an empty page."""
    pages, page = [], answered(platform.get(**query))
    while page["entries"]:
        pages.append(_sequences(page))
        if page["next"] is None:
            break
        page = answered(platform.get(**query, cursor=page["next"]))
    return pages


def test_entries_come_as_the_bytes_that_were_hashed(platform: Caller, acme: Tenant) -> None:
    recorded = make_entry(acme, at=NOON + timedelta(days=999), parameters={"z": 1.0, "ä": "ﬁ"})

    content = platform.get(limit=1).content

    [stored] = AuditEntry.objects.filter(pk=recorded.pk).values_list("body", flat=True)
    assert content.startswith(b'{"entries":[' + bytes(stored) + b'],"next":"')
    assert platform.get(f"/api/v1/entries/{recorded.pk}").content == bytes(stored)


def test_pages_lead_from_the_newest_to_the_oldest_and_back(platform: Caller, acme: Tenant) -> None:
    for n in range(6):
        make_entry(acme, at=NOON - timedelta(days=400, hours=n))

    pages = _walk(platform, limit=3)
    second = answered(platform.get(limit=3, cursor=answered(platform.get(limit=3))["next"]))
    back = answered(platform.get(limit=3, cursor=second["previous"]))

    assert pages == [[1, 2, 3], [4, 5, 6], [7]]
    assert _sequences(back) == [1, 2, 3]
    assert back["previous"] is None


def test_by_sequence_the_log_is_walked_forward_and_goes_on(platform: Caller, acme: Tenant) -> None:
    for n in range(4):
        make_entry(acme, at=NOON - timedelta(hours=n))

    assert _walk(platform, order="sequence", limit=2) == [[1, 2], [3, 4], [5]]

    end = answered(platform.get(order="sequence"))["next"]
    nothing = answered(platform.get(order="sequence", cursor=end))
    make_entry(acme)
    more = answered(platform.get(order="sequence", cursor=nothing["next"]))
    assert (nothing["entries"], _sequences(more)) == ([], [6])


def test_by_sequence_with_a_filter_the_cursor_passes_what_was_left_out(
    platform: Caller, acme: Tenant
) -> None:
    make_entry(acme, "cases.case_shared")
    for _ in range(3):
        make_entry(acme)
    query = {"order": "sequence", "action": "cases.case_shared"}

    first = answered(platform.get(**query))
    make_entry(acme, "cases.case_shared")
    then = answered(platform.get(**query, cursor=first["next"]))

    assert (_sequences(first), _sequences(then)) == ([2], [6])


def test_by_sequence_the_cursor_moves_on_where_a_filter_leaves_nothing(
    platform: Caller, acme: Tenant
) -> None:
    for _ in range(3):
        make_entry(acme)
    query = {"order": "sequence", "action": "cases.case_shared"}

    first = answered(platform.get(**query))
    again = answered(platform.get(**query, cursor=first["next"]))

    assert first["entries"] == []
    assert _place_of(first["next"]) == [4]
    assert again["next"] == first["next"]


def _place_of(cursor: str) -> Any:
    return json.loads(urlsafe_b64decode(cursor.partition(":")[0] + "=="))


@pytest.mark.parametrize("windows_seconds", [0, 5])
def test_a_filter_that_takes_too_long_is_walked_in_windows_and_loses_nothing(
    platform: Caller, acme: Tenant, monkeypatch: pytest.MonkeyPatch, windows_seconds: int
) -> None:
    rare = {7, 8, 9, 13, 14, 15, 29, 40, 41, 60}
    for number in range(2, 61):
        make_entry(acme, "cases.case_shared" if number in rare else "cases.case_exported")
    monkeypatch.setattr(reading, "at_once", _takes_too_long)
    monkeypatch.setattr(reading, "WINDOW", 7)
    monkeypatch.setattr(reading, "WINDOWS_SECONDS", windows_seconds)

    answers: list[tuple[list[int], int]] = []
    cursor: dict[str, str] = {}
    while not answers or answers[-1][1] < 60:
        page = answered(platform.get(order="sequence", limit=3, action="cases.case_shared", **cursor))
        cursor = {"cursor": page["next"]}
        answers.append((_sequences(page), *_place_of(page["next"])))

    if windows_seconds:  # a page is full, or the end is reached
        assert answers == [([7, 8, 9], 9), ([13, 14, 15], 15), ([29, 40, 41], 41), ([60], 60)]
    else:  # one window an answer
        assert answers == [
            ([7], 7), ([8, 9, 13], 13), ([14, 15], 20), ([], 27), ([29], 34), ([40, 41], 41), ([], 48), ([], 55),
            ([60], 60),
        ]  # fmt: skip


def _takes_too_long(*_: Any, **__: Any) -> NoReturn:
    raise queries.TookTooLong


def test_the_filters_are_the_pages_own(platform: Caller, acme: Tenant, soc: Workspace) -> None:
    make_entry(acme, "cases.case_shared", workspace=soc)
    make_entry(acme, "cases.case_exported")

    assert _sequences(answered(platform.get(workspace="soc"))) == [2]
    assert _sequences(answered(platform.get(action=["cases.case_shared", "cases.case_exported"]))) == [3, 2]


def test_a_search_takes_filters_as_the_page_does(platform: Caller, acme: Tenant) -> None:
    make_entry(acme, "cases.case_shared", parameters={"case": "C-12"})
    make_entry(acme, "cases.case_exported")

    assert _sequences(answered(platform.get(q='action:"Case shared" p.case:C-12'))) == [2]
    assert _sequences(answered(platform.get(q="area:cases -p.case:C-12"))) == [3]
    refused = platform.get(q="colour:red")
    assert errors(refused) == {"q": "filter_invalid"}
    assert "There are: range, from" in refused.content.decode()


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"limit": "٣"}, "limit"),
        ({"order": "time"}, "order"),
        ({"wrong": "x"}, "wrong"),
        ({"action": "cases.case_shard"}, "action"),
        ({"from": "yesterday"}, "from"),
        ({"q": "\x00"}, "q"),
        ({"p.": "x"}, "p."),
    ],
)
def test_a_query_that_cannot_be_used_is_refused_by_name(
    platform: Caller, query: dict[str, str], where: str
) -> None:
    response = platform.get(**query)

    assert response.status_code == 400
    assert where in errors(response)


def test_a_cursor_is_good_for_its_own_query_and_tenant_only(
    platform: Caller, acme: Tenant, globex: Tenant
) -> None:
    for _ in range(3):
        make_entry(acme)
    cursor = answered(platform.get(limit=2))["next"]

    for query in (
        {"order": "sequence"},
        {"action": "cases.case_shared"},
        {"limit": "2", "outcome": "success"},
    ):
        assert platform.get(**query, cursor=cursor).status_code == 400
    assert caller(globex).get(limit=2, cursor=cursor).status_code == 400
    for made_up in ("x", cursor[:-1], f"x{cursor}", "W10:x", "\x00", ""):
        assert platform.get(limit=2, cursor=made_up).status_code == (400 if made_up else 200)
    assert platform.get(limit=1, cursor=cursor).status_code == 200


def test_entries_of_another_tenant_do_not_exist(platform: Caller, globex: Tenant) -> None:
    foreign = make_entry(globex)

    assert str(foreign.pk) not in platform.get().content.decode()
    assert platform.get(f"/api/v1/entries/{foreign.pk}").status_code == 404


@pytest.mark.parametrize("name", [str(uuid4()), "7", "x" * 500, "\x00"])
def test_an_entry_that_is_not_there_is_a_404_problem(platform: Caller, name: str) -> None:
    assert platform.get(f"/api/v1/entries/{name}").status_code == 404


def test_what_was_posted_is_what_is_read(platform: Caller) -> None:
    platform.post(entry(external_id="evt-9", details="«ü»"))

    [read] = answered(platform.get(action="workflows.workflow_published"))["entries"]
    assert (read["external_id"], read["details"], read["schema"]) == ("evt-9", "«ü»", 1)
    assert json.loads(platform.get(f"/api/v1/entries/{read['id']}").content) == read
