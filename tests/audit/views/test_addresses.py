from __future__ import annotations

from django.http import QueryDict

from audit.views.addresses import Address, tidy

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
    assert str(tidy("/log/", QueryDict("parameter=b"))) == "/log/?parameter=b"
