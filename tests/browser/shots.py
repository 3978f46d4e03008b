"""`make shots`: pictures of every page in every state, beside those of the folder that REFERENCE names.

Not collected with the tests: it asserts nothing. The report lies in the data folder, under `shots/`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from auditsite import env
from tests.browser.conftest import Visit
from tests.browser.report import LOOKS, Picture, write
from tests.browser.states import PHONE, STATES, Places, State

ROOT = Path(__file__).parents[2]
DESK = {"viewport": {"width": 1440, "height": 900}}


@pytest.fixture(scope="session")
def pictures() -> Iterator[list[Picture]]:
    """Filled by the tests, and written down after the last one."""
    taken: list[Picture] = []
    yield taken
    named = os.environ.get("REFERENCE", "")
    page = write(_folder(), taken, reference=Path(named).expanduser() if named else None)
    print(f"\n{len(taken)} pictures: {page}")  # noqa: T201 - what the command is for


def _folder() -> Path:
    folder = env.path("AUDITSITE_DATA_DIR", default=ROOT / "var") / "shots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_a_state_is_pictured_in_light_dark_and_on_a_phone(
    visit: Visit, places: Places, pictures: list[Picture], state: State
) -> None:
    desk = visit(state.who, reduced_motion="reduce", **DESK)
    state.reach(desk, places)
    shown: dict[str, Page] = {"light": desk, "dark": desk}
    phone = shown["phone"] = visit(state.who, reduced_motion="reduce", **PHONE)
    state.reach(phone, places)
    for look in LOOKS:
        shown[look].emulate_media(color_scheme="dark" if look == "dark" else "light")
        file = _folder() / f"{state.name}-{look}.png"
        shown[look].screenshot(path=file)
        pictures.append(Picture(state.name, look, file, state.like))
