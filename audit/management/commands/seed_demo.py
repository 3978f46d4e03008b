"""`seed_demo --tenant SLUG --entries N`: realistic entries over the whole vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from audit.management.base import Answer, ProductCommand, tenant_named
from audit.management.seeding import writing

MOST_DAYS = 3_650


class Command(ProductCommand):
    help = "Record realistic entries over the whole vocabulary, spread over the days until now. They stay for ever."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", required=True, metavar="SLUG", help="Whose log they are recorded in.")
        parser.add_argument("--entries", required=True, type=int, metavar="N", help="How many.")
        parser.add_argument(
            "--days", type=int, default=90, help="Over how many days; %(default)s without this."
        )
        parser.add_argument("--seed", type=int, default=1, help="The same seed tells the same story.")

    def answer(self, options: Mapping[str, Any]) -> Answer:
        entries, days, now = options["entries"], options["days"], timezone.now()
        if entries < 1:
            raise CommandError("--entries has to be 1 or more.")
        if not 1 <= days <= MOST_DAYS:
            raise CommandError(f"--days has to be from 1 to {MOST_DAYS}.")
        tenant = tenant_named(options["tenant"])
        period = writing.Period(now - timedelta(days=days), now)
        last = writing.seed(tenant, entries=entries, period=period, seed=options["seed"])
        return {"tenant": tenant.slug, "entries": entries, "last_sequence": last}

    def told(self, answer: Answer) -> str:
        return f"{answer['entries']:,} entries recorded in {answer['tenant']}, up to {answer['last_sequence']:,}."
