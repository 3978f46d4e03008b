"""What the product's commands share (contract.md, Commands): `--json`, and errors of one line with exit code 1."""

from __future__ import annotations

import json
import sys
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, ProgrammingError

from audit.drafts import Actor
from audit.models import Tenant

Answer = Mapping[str, Any]

# Who did it, where a command did: the shell knows no person.
OPERATOR = Actor(name="Command line", type="system")


class ProductCommand(BaseCommand):
    """A command that answers with one mapping: told in lines to people, as one JSON object to `--json`.

    Subclasses add their arguments in `add_options`, do the work in `answer` and choose the words in `told`. What
    they refuse is raised as CommandError; ValidationError and a database that is away become one as well.
    """

    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print one JSON object.")
        self.add_options(parser)

    def add_options(self, parser: CommandParser) -> None:
        """Declare the arguments of the command."""

    @abstractmethod
    def answer(self, options: Mapping[str, Any]) -> Answer:
        """Do what the command is for; JSON values only, but for UUIDs and moments, which are printed as text."""

    @abstractmethod
    def told(self, answer: Answer) -> str:
        """The answer in words for a person, without a line break at its end."""

    def handle(self, *_args: object, **options: Any) -> None:
        answer = self._answer(options)
        self.stdout.write(json.dumps(answer, default=str) if options["json"] else self.told(answer))

    def run_from_argv(self, argv: list[str]) -> None:
        """As Django's, but wrong arguments are a one-line error with exit code 1 too."""
        try:
            super().run_from_argv(argv)
        except CommandError as error:
            self.stderr.write(f"{type(error).__name__}: {error} See --help.")
            sys.exit(1)

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.called_from_command_line = False
        return parser

    def _answer(self, options: Mapping[str, Any]) -> Answer:
        try:
            return self.answer(options)
        except ValidationError as error:
            raise CommandError(_in_one_line(error)) from None
        except OperationalError as error:
            raise CommandError(f"The database does not answer: {_first_line(error)}") from None
        except ProgrammingError as error:
            raise CommandError(f"{_first_line(error)}. Has `manage.py migrate` been run?") from None


def tenant_named(slug: str) -> Tenant:
    """The tenant with this slug. Raises CommandError, in words."""
    try:
        return Tenant.objects.get(slug=slug)
    except Tenant.DoesNotExist:
        raise CommandError(f"No tenant has the slug {slug!r}. Make it with create_tenant.") from None


def _in_one_line(error: ValidationError) -> str:
    """All that is wrong, each with its field."""
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    told = ((field, " ".join(messages)) for field, messages in error.message_dict.items())
    return " ".join(text if field == NON_FIELD_ERRORS else f"{field}: {text}" for field, text in told)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
