"""Every HTTP status of the tables, for each destination, over a real connection."""

from __future__ import annotations

import pytest

from auditsite.demo.intake import KINDS, Behaviour, html_page, redirect
from streaming.models import State
from tests.streaming.faults.conftest import MakeScene
from tests.streaming.faults.scene import Meaning

M = Meaning
# As a status alone says, to a generic intake and wherever a body does not say more.
STATUSES = {
    **dict.fromkeys((300, 304), M.SETTINGS),
    **dict.fromkeys((400, 422), M.LOOKED_FOR),
    **dict.fromkeys((401, 403, 407), M.TOKEN),
    **dict.fromkeys((402, 404, 405, 406, 410, 411, 415, 421, 426, 451), M.SETTINGS),
    **dict.fromkeys((408, 423, 424, 425, 429), M.AGAIN),
    **dict.fromkeys((207, 409, 418, 499), M.AGAIN_THEN_HELD),
    **dict.fromkeys((413, 414, 431), M.SMALLER),
    **dict.fromkeys((500, 502, 503, 504, 507, 508, 509, 520, 522, 524, 530, 598, 599), M.AGAIN),
    **dict.fromkeys((501, 505), M.SETTINGS),
}
# Splunk and Elasticsearch are sent gzip: what may have been refused for that goes once more without.
OF_SPLUNK = {**STATUSES, 207: M.SETTINGS, 400: M.PLAIN, 415: M.PLAIN}
OF_ELASTICSEARCH = {**STATUSES, 400: M.PLAIN, 415: M.PLAIN}
ROWS = [
    (kind, status, meaning)
    for kind, rows in (
        ("http_bearer", STATUSES),
        ("splunk_hec", OF_SPLUNK),
        ("elasticsearch", OF_ELASTICSEARCH),
    )
    for status, meaning in rows.items()
]


@pytest.mark.parametrize(("kind", "status", "meaning"), ROWS)
def test_a_status_does_what_its_row_says(
    kind: str, status: int, meaning: Meaning, scene_of: MakeScene
) -> None:
    scene_of(kind).meets(Behaviour(status=status), meaning)


@pytest.mark.parametrize("status", [200, 201, 202, 203, 204, 205, 206, 208, 226])
def test_a_generic_intake_takes_with_any_of_these(status: int, scene_of: MakeScene) -> None:
    scene_of("http_bearer").meets(Behaviour(status=status, take=True), M.TAKEN)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [200, 201, 202])
def test_a_web_page_is_no_receipt(status: int, kind: str, scene_of: MakeScene) -> None:
    scene_of(kind).meets(html_page(status=status), M.SETTINGS)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed(status: int, kind: str, scene_of: MakeScene) -> None:
    scene = scene_of(kind)
    elsewhere = f"{scene.intake.base_url}/elsewhere"

    scene.meets(redirect(elsewhere, status), M.SETTINGS)

    assert "/elsewhere" not in {seen.path for seen in scene.intake.requests}


@pytest.mark.parametrize("kind", KINDS)
def test_trouble_without_end_is_borne_without_end(kind: str, scene_of: MakeScene) -> None:
    scene = scene_of(kind)
    scene.intake.behave(kind, Behaviour(status=503))

    for _ in range(25):
        cursor = scene.step()

    assert (cursor.state, cursor.failures, cursor.place) == (State.RETRYING, 25, 0)
    scene.intake.heal()
    scene.recovers()


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_is_gone_is_asked_every_six_hours_in_the_end(kind: str, scene_of: MakeScene) -> None:
    scene = scene_of(kind)
    scene.intake.behave(kind, Behaviour(status=410))

    for _ in range(7):
        cursor = scene.step()

    assert cursor.next_attempt_at is not None
    assert cursor.last_attempt_at is not None
    hours = (cursor.next_attempt_at - cursor.last_attempt_at).total_seconds() / 3600
    assert 5.9 < hours < 6.1
