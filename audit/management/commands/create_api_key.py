"""`create_api_key --tenant SLUG --name NAME --scope ingest …`: prints the key, alone, once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from audit import keys
from audit.management.base import OPERATOR, Answer, ProductCommand, tenant_named
from audit.models import Scope


class Command(ProductCommand):
    help = (
        "Make an API key of a tenant and print it. It is kept nowhere: what is printed is all there is of it."
    )

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", required=True, metavar="SLUG", help="The tenant that the key opens.")
        parser.add_argument("--name", required=True, help="Who uses it; becomes the entries' producer.")
        parser.add_argument(
            "--scope",
            action="append",
            required=True,
            choices=Scope.values,
            help="What it opens; give it several times.",
        )
        parser.add_argument(
            "--days",
            type=int,
            default=keys.DEFAULT_LIFE.days,
            help="How long it lasts, 366 at most; %(default)s without this.",
        )

    def answer(self, options: Mapping[str, Any]) -> Answer:
        now = timezone.now()
        try:
            key, text = keys.make_key(
                tenant=tenant_named(options["tenant"]),
                name=options["name"],
                scopes=options["scope"],
                now=now,
                actor=OPERATOR,
                expires_at=now + timedelta(days=min(options["days"], 100_000)),
            )
        except keys.KeyRefused as refused:
            raise CommandError(str(refused)) from None
        return {
            "key": text,
            "tenant": key.tenant.slug,
            "name": key.name,
            "prefix": key.prefix,
            "scopes": key.scopes,
            "expires_at": key.expires_at.isoformat(),
        }

    def told(self, answer: Answer) -> str:
        return str(answer["key"])
