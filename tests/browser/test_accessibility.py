"""WCAG 2.2 AA on every page in every state, as far as axe-core sees it."""

from __future__ import annotations

import pytest

from tests.browser import axe
from tests.browser.conftest import Visit
from tests.browser.states import PHONE, STATES, Places, State


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_nothing_is_broken_in_light_dark_and_on_a_phone(visit: Visit, places: Places, state: State) -> None:
    page = visit(state.who, reduced_motion="reduce")
    state.reach(page, places)
    found = {"light": axe.violations(page)}
    page.emulate_media(color_scheme="dark")
    found["dark"] = axe.violations(page, rules=axe.OF_COLOUR)
    phone = visit(state.who, reduced_motion="reduce", **PHONE)
    state.reach(phone, places)
    found["phone"] = axe.violations(phone)

    told = [f"{look}: {line}" for look, lines in found.items() for line in lines]

    assert not told, "\n".join(told)


BREAKING = """() => {
  const main = document.querySelector("main");
  document.querySelector("label[for=id_login]").remove();
  document.documentElement.removeAttribute("lang");
  main.append(Object.assign(document.createElement("img"), {src: "/static/img/favicon.svg"}));
  main.append(Object.assign(document.createElement("button"), {type: "button"}));
  document.querySelector("h1").setAttribute("aria-labeledby", "nothing");
  document.querySelector("p").classList.add("broken");
}"""


def test_a_page_that_is_broken_on_purpose_is_found_out(visit: Visit) -> None:
    page = visit(path="/accounts/login/")
    assert axe.violations(page) == []

    page.evaluate(BREAKING)

    rules = {line.partition(" ")[0] for line in axe.violations(page)}
    assert rules >= {"label", "html-has-lang", "button-name", "aria-valid-attr"}
