from __future__ import annotations

import json

from auditsite_client.context import Context, acting, current, unpacked


def test_what_is_set_for_a_block_ends_with_it() -> None:
    with acting(Context(actor="ana@acme.example", ip="203.0.113.7")):
        with acting(Context(actor="vic@acme.example")):
            assert current() == Context(actor="vic@acme.example", ip="203.0.113.7")
        assert current().actor == "ana@acme.example"

    assert current() == Context()


def test_an_actor_may_be_found_out_late() -> None:
    signed_in: list[str] = []
    context = Context(actor=lambda: signed_in[0] if signed_in else None)
    assert context.who() is None

    signed_in.append("ana@acme.example")

    assert context.who() == "ana@acme.example"


def test_an_address_that_is_none_costs_no_entry() -> None:
    assert Context(ip="not an address", user_agent="a" * 9_999, request_id="").request() == {
        "user_agent": "a" * 2_000
    }
    assert Context(ip=" 2001:DB8::1 ").request() == {"ip": "2001:db8::1"}


def test_a_context_crosses_into_another_process_as_json() -> None:
    context = Context(actor=lambda: {"type": "service_account", "name": "Importer"}, request_id="r-1")

    crossed = unpacked(json.loads(json.dumps(context.packed() | {"later": 1})))

    assert crossed == Context(actor={"type": "service_account", "name": "Importer"}, request_id="r-1")
