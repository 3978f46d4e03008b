from __future__ import annotations

from django.http import QueryDict

from audit.views.addresses import Address, tidy, unfolded

HERE = Address("/log/", (("by", "a"), ("by", "b"), ("before", "x"), ("entry", "7")))


def test_a_name_goes_with_all_its_values_or_one_of_them() -> None:
    assert HERE.without("by").pairs == (("before", "x"), ("entry", "7"))
    assert HERE.without("by", value="a").pairs == (("by", "b"), ("before", "x"), ("entry", "7"))


def test_a_value_is_added_once_or_stands_alone() -> None:
    assert HERE.plus("by", "a") == HERE
    assert HERE.plus("by", "c").pairs[-1] == ("by", "c")
    assert HERE.having("by", "c").pairs == (("before", "x"), ("entry", "7"), ("by", "c"))


def test_filters_are_what_outlives_a_page() -> None:
    assert str(HERE.filters) == "/log/?by=a&by=b"
    assert str(Address("/log/")) == "/log/"


def test_text_is_quoted() -> None:
    assert str(Address("/log/").plus("p.a&b", "ü =")) == "/log/?p.a%26b=%C3%BC+%3D"


def test_tidy_drops_what_says_nothing_and_is_tidy_itself() -> None:
    address = tidy("/log/", QueryDict("q=&by=+a+&by=a&by=b&to="))

    assert str(address) == "/log/?by=a&by=b"
    assert tidy("/log/", QueryDict(address.query)) == address


def test_a_custom_time_takes_the_place_of_a_range() -> None:
    assert str(tidy("/log/", QueryDict("range=7d&from=2026-11-24"))) == "/log/?from=2026-11-24"
    assert str(tidy("/log/", QueryDict("range=7d&from="))) == "/log/?range=7d"


def test_a_condition_on_a_parameter_becomes_a_filter_beside_the_others() -> None:
    assert str(tidy("/log/", QueryDict("p.a=1&parameter=b&equals=2"))) == "/log/?p.a=1&p.b=2"
    assert str(tidy("/log/", QueryDict("parameter=b&equals=2&equals=3&relation.parameter=not"))) == (
        "/log/?not.p.b=2&not.p.b=3"
    )


def test_a_key_alone_asks_for_nothing_yet_and_a_value_alone_is_refused() -> None:
    assert str(tidy("/log/", QueryDict("parameter=b&equals=&by=x"))) == "/log/?by=x"
    assert str(tidy("/log/", QueryDict("equals=2"))) == "/log/?equals=2"


def test_is_not_beside_a_field_leaves_its_values_out() -> None:
    sent = "relation.by=not&by=x&by=y&relation.area=is&area=users&not.by=z&relation.ip=not"

    assert str(tidy("/log/", QueryDict(sent))) == "/log/?not.by=x&not.by=y&area=users&not.by=z"


def test_what_menus_ask_for_is_no_part_of_the_address() -> None:
    assert str(tidy("/log/", QueryDict("find.by=ana&month=2026-11&pick=2026-11-20&by=x"))) == "/log/?by=x"


def test_a_value_is_turned_round_where_it_stands_and_once_only() -> None:
    address = tidy("/log/", QueryDict("by=x&area=users&not.by=y"))

    assert str(address.turned("by", "x")) == "/log/?not.by=x&area=users&not.by=y"
    assert str(address.turned("not.by", "y")) == "/log/?by=x&area=users&by=y"
    assert str(tidy("/log/", QueryDict("by=x&not.by=x")).turned("by", "x")) == "/log/?not.by=x"


def split(text: str) -> tuple[str, list[tuple[str, str]]]:
    """`by:x` and the like are conditions; everything else is text."""
    parts = [part.partition(":") for part in text.split()]
    rest = " ".join(key for key, colon, _ in parts if not colon)
    return rest, [(key, value) for key, colon, value in parts if colon]


def test_conditions_in_the_search_become_filters_beside_the_others() -> None:
    def shown(query: str) -> str:
        return str(unfolded(tidy("/log/", QueryDict(query)), split))

    assert shown("q=by:a+triage&by=b&area=x") == "/log/?by=b&area=x&by=a&q=triage"
    assert shown("by=a&q=by:a") == "/log/?by=a"
    assert shown("q=two++words&by=a") == "/log/?q=two++words&by=a"
    assert shown("q=by:a+" + "x" * 500).startswith("/log/?q=by")


def test_what_is_typed_takes_the_place_of_what_can_be_there_once() -> None:
    def shown(query: str) -> str:
        return str(unfolded(tidy("/log/", QueryDict(query)), split))

    assert shown("q=range:7d&from=2026-11-01&to=2026-11-02") == "/log/?range=7d"
    assert shown("q=from:2026-11-01&range=7d&details=x") == "/log/?details=x&from=2026-11-01"
    assert shown("q=details:y&details=x") == "/log/?details=y"
