from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from auditsite import env

NAME = "AUDITSITE_TEST_VALUE"


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.delenv(NAME, raising=False)
    monkeypatch.delenv(f"{NAME}_FILE", raising=False)
    return monkeypatch


def test_a_value_comes_from_the_variable_or_is_the_default(given: pytest.MonkeyPatch) -> None:
    assert (env.text(NAME, default="d"), env.is_set(NAME)) == ("d", False)

    given.setenv(NAME, "")
    assert (env.text(NAME, default="d"), env.is_set(NAME)) == ("", True)


def test_a_variable_that_is_needed_and_missing_is_named(given: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    with pytest.raises(env.EnvironmentInvalid, match=f"{NAME} is not set. Set it, or set {NAME}_FILE"):
        env.text(NAME)


def test_a_secret_can_be_a_file_whose_last_line_break_does_not_count(
    given: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    file.write_text(" sé cret \r\n", encoding="utf-8")
    given.setenv(f"{NAME}_FILE", str(file))

    assert (env.text(NAME), env.is_set(NAME)) == (" sé cret ", True)


def test_a_file_that_cannot_be_read_is_named(given: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given.setenv(f"{NAME}_FILE", str(tmp_path / "nowhere"))

    with pytest.raises(env.EnvironmentInvalid, match=f"{NAME}_FILE cannot be read: .*nowhere: No such file"):
        env.text(NAME)


def test_a_file_that_is_no_text_is_named(given: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_bytes(b"\xff\xfe\x00")
    given.setenv(f"{NAME}_FILE", str(file))

    with pytest.raises(env.EnvironmentInvalid, match=f"{NAME}_FILE cannot be read"):
        env.text(NAME)


def test_both_a_value_and_a_file_are_one_too_many(given: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given.setenv(NAME, "x")
    given.setenv(f"{NAME}_FILE", str(tmp_path / "secret"))

    with pytest.raises(env.EnvironmentInvalid, match="keep one of them"):
        env.text(NAME, default="d")


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", True), ("On", True), (" yes ", True), ("false", False), ("0", False), ("", False)],
)
def test_a_switch_takes_the_usual_words(text: str, value: bool, given: pytest.MonkeyPatch) -> None:
    given.setenv(NAME, text)

    assert env.boolean(NAME, default=not value) is value


def test_a_switch_without_a_word_is_its_default(given: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    assert env.boolean(NAME, default=True)
    assert not env.boolean(NAME, default=False)


@pytest.mark.parametrize(("read", "hint"), [(env.boolean, "true or false"), (env.integer, "whole number")])
def test_a_value_of_the_wrong_kind_is_quoted(
    read: Callable[..., object], hint: str, given: pytest.MonkeyPatch
) -> None:
    given.setenv(NAME, "maybe")

    with pytest.raises(env.EnvironmentInvalid, match=f"{NAME} is 'maybe': write .*{hint}"):
        read(NAME, default=1)


def test_a_number_below_the_least_is_refused(given: pytest.MonkeyPatch) -> None:
    given.setenv(NAME, "394")
    assert env.integer(NAME, default=1, least=394) == 394

    with pytest.raises(env.EnvironmentInvalid, match=f"{NAME} is 394: write 395 or more"):
        env.integer(NAME, default=395, least=395)


def test_numbers_lists_and_paths(given: pytest.MonkeyPatch) -> None:
    given.setenv(NAME, " 12 ")
    assert env.integer(NAME, default=1) == 12

    given.setenv(NAME, "a, b ,,c")
    assert env.words(NAME) == ["a", "b", "c"]

    given.setenv(NAME, "~/data")
    assert env.path(NAME, default=Path()) == Path.home() / "data"
