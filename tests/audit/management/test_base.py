"""What every command promises: exit code 0, or one line that says what is wrong and exit code 1."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.db import OperationalError, ProgrammingError

from audit.management.base import Answer, ProductCommand, tenant_named
from audit.models import Tenant


class Greet(ProductCommand):
    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("name")

    def answer(self, options: Mapping[str, Any]) -> Answer:
        wrong: dict[str, Exception] = {
            "refused": CommandError("Nobody greets you."),
            "invalid": ValidationError({"slug": ["Is taken."], "__all__": ["Is odd."]}),
            "plain": ValidationError(["Too short.", "Too common."]),
            "away": OperationalError("connection refused\nIs the server running?"),
            "bare": ProgrammingError('relation "audit_tenant" does not exist\nLINE 1: …'),
        }
        if options["name"] in wrong:
            raise wrong[options["name"]]
        return {"greeting": f"Hello {options['name']}"}

    def told(self, answer: Answer) -> str:
        return f"{answer['greeting']}!"


def run(*arguments: str) -> int:
    try:
        Greet().run_from_argv(["manage.py", "greet", *arguments])
    except SystemExit as left:
        return int(left.code or 0)
    return 0


def test_people_are_told_in_words_and_programs_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("Ana") == 0
    assert capsys.readouterr().out == "Hello Ana!\n"

    assert run("Ana", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"greeting": "Hello Ana"}


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("refused", "Nobody greets you."),
        ("invalid", "slug: Is taken. Is odd."),
        ("plain", "Too short. Too common."),
        ("away", "The database does not answer: connection refused"),
        ("bare", 'relation "audit_tenant" does not exist. Has `manage.py migrate` been run?'),
    ],
)
def test_what_is_refused_is_one_line_and_exit_code_1(
    capsys: pytest.CaptureFixture[str], name: str, line: str
) -> None:
    assert run(name) == 1

    shown = capsys.readouterr()
    assert shown.err == f"CommandError: {line}\n"
    assert shown.out == ""


@pytest.mark.parametrize("arguments", [[], ["a", "b"], ["a", "--what"]])
def test_wrong_arguments_are_one_line_and_exit_code_1(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert run(*arguments) == 1

    shown = capsys.readouterr()
    assert shown.err.count("\n") == 1
    assert "See --help." in shown.err


def test_help_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    assert "--json" in capsys.readouterr().out


def test_a_tenant_is_found_by_its_slug(acme: Tenant) -> None:
    assert tenant_named("acme") == acme
    with pytest.raises(CommandError, match="No tenant has the slug 'other'"):
        tenant_named("other")
