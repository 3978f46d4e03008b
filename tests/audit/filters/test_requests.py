from __future__ import annotations

from django.http import QueryDict

from audit import queries
from audit.drafts import Context
from audit.filters.entries import filtered
from audit.models import Tenant
from tests.entries import NOON, make_entry


def found(tenant: Tenant, query: str) -> list[int]:
    entries = filtered(queries.readable(tenant), QueryDict(query), tenant=tenant, now=NOON)
    return sorted(entries.values_list("sequence", flat=True))


def test_entries_of_one_request_are_found_by_its_id_to_the_letter(acme: Tenant) -> None:
    odd = 'req "1" \\ é\u202e'
    for request_id in ("req-1", "req-12", odd, None, "req-1"):
        make_entry(acme, context=Context(request_id=request_id))
    make_entry(acme, parameters={"request_id": "req-1", "context": {"request_id": "req-1"}})
    make_entry(acme, details='"request_id":"req-1"', context=Context(request_id="other"))

    assert found(acme, "request=req-1") == [1, 5]
    assert found(acme, "request=REQ-1") == []
    assert found(acme, "request=req-12&request=req-1") == [1, 2, 5]
    assert found(acme, QueryDict.fromkeys(["request"], odd).urlencode()) == [3]
    assert found(acme, "not.request=req-1") == [2, 3, 4, 6, 7]


def test_it_is_typed_like_any_other(acme: Tenant) -> None:
    make_entry(acme, context=Context(request_id="req-1"))
    make_entry(acme)

    assert found(acme, "q=request:req-1") == [1]
    assert found(acme, "q=-request:req-1") == [2]
