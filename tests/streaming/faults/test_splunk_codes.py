"""Every row of Splunk's table of reply codes, over a real connection."""

from __future__ import annotations

import json

import pytest

from auditsite.demo.intake import Behaviour, Refusal
from streaming.models import State, Stream
from tests.streaming.faults.conftest import MakeScene
from tests.streaming.faults.scene import POISON, Meaning

M = Meaning
CODES = {
    1: M.TOKEN, 2: M.TOKEN, 3: M.TOKEN, 4: M.TOKEN, 5: M.SMALLER, 6: M.SMALLER, 7: M.SETTINGS, 8: M.AGAIN, 9: M.AGAIN,
    10: M.SETTINGS, 11: M.AGAIN_THEN_HELD, 12: M.SMALLER, 13: M.SMALLER, 14: M.AGAIN_THEN_HELD, 15: M.SMALLER,
    16: M.SETTINGS, 17: M.SETTINGS, 18: M.AGAIN, 19: M.AGAIN, 20: M.AGAIN, 21: M.TOKEN, 22: M.TOKEN, 23: M.AGAIN,
    26: M.AGAIN, 27: M.AGAIN, 28: M.SETTINGS,
}  # fmt: skip


@pytest.mark.parametrize(("code", "meaning"), CODES.items())
def test_a_refusal_does_what_its_row_says(code: int, meaning: Meaning, scene_of: MakeScene) -> None:
    scene_of("splunk_hec").meets(Behaviour(hec_code=code), meaning)


@pytest.mark.parametrize(("code", "meaning"), [(0, M.TAKEN), (24, M.TAKEN_SLOWLY), (25, M.TAKEN_SLOWLY)])
def test_an_acceptance_does_what_its_row_says(code: int, meaning: Meaning, scene_of: MakeScene) -> None:
    scene_of("splunk_hec").meets(Behaviour(hec_code=code, take=True), meaning)


@pytest.mark.parametrize("code", [6, 12, 13, 15])
def test_what_stands_before_a_named_entry_is_in_and_only_it_is_set_aside(
    code: int, scene_of: MakeScene
) -> None:
    scene = scene_of("splunk_hec")
    scene.intake.behave("splunk_hec", Behaviour(refusals=(Refusal(containing="poison", code=code),)))

    first = scene.step()
    assert (first.place, first.delivered, first.window_end) == (POISON - 1, POISON - 1, POISON)

    scene.recovers(without=(POISON,))
    assert scene.intake.duplicates("splunk_hec") == []


@pytest.mark.parametrize("code", [6, 12, 13, 15])
def test_a_refused_entry_at_the_head_is_found_too(code: int, scene_of: MakeScene) -> None:
    scene = scene_of("splunk_hec")
    refusal = Refusal(containing="audit_log_streaming_enabled", code=code)
    scene.intake.behave("splunk_hec", Behaviour(refusals=(refusal,)))

    scene.recovers(without=(1,))


def test_a_wrong_index_keeps_the_place_behind_what_is_in(scene_of: MakeScene) -> None:
    scene = scene_of("splunk_hec")
    scene.intake.behave("splunk_hec", Behaviour(refusals=(Refusal(containing="poison", code=7),)))

    for _ in range(3):
        cursor = scene.step()

    assert (cursor.place, cursor.state, scene.aside) == (POISON - 1, State.HELD_FOR_SETTINGS, [])
    scene.intake.heal()
    scene.recovers()


def test_a_busy_splunk_that_names_an_entry_has_taken_nothing_for_certain(scene_of: MakeScene) -> None:
    body = json.dumps({"text": "Server is busy", "code": 9, "invalid-event-number": 3})

    scene_of("splunk_hec").meets(Behaviour(status=503, body=body), Meaning.AGAIN)


@pytest.mark.parametrize("code", [11, 27])
def test_another_channel_is_used_where_this_one_is_not_taken(code: int, scene_of: MakeScene) -> None:
    scene = scene_of("splunk_hec")
    scene.intake.behave("splunk_hec", Behaviour(hec_code=code), times=1)

    scene.step()

    assert Stream.objects.get(pk=scene.stream.pk).channel != scene.stream.channel
    scene.recovers()


@pytest.mark.parametrize("body", ['"OK"', '{"text": "Success"}', "{}"])
def test_receivers_that_only_speak_like_splunk_may_leave_the_code_out(body: str, scene_of: MakeScene) -> None:
    scene_of("splunk_hec").meets(Behaviour(status=200, body=body, take=True), Meaning.TAKEN)


@pytest.mark.parametrize("body", ["", "thanks", '{"code": "zero"', "[]", "null"])
def test_an_answer_that_confirms_nothing_delivers_nothing(body: str, scene_of: MakeScene) -> None:
    scene_of("splunk_hec").meets(Behaviour(status=200, body=body), Meaning.SETTINGS)
