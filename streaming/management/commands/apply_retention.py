"""`apply_retention`: months that are past everybody's retention are removed, and each tenant's log says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from audit import retention
from audit.management.base import Answer, ProductCommand
from audit.partitions import Busy, as_owner
from streaming.reading import still_needed


class Command(ProductCommand):
    help = (
        "Remove the months of the log that are past the retention of every tenant that has entries in them. "
        "Legal holds and entries that streams have yet to deliver keep a month. Try it with --dry-run first."
    )

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="Say what would be removed; remove nothing."
        )
        parser.add_argument(
            "--undelivered", action="store_true", help="Remove also what streams have yet to deliver."
        )

    def answer(self, options: Mapping[str, Any]) -> Answer:
        try:
            with as_owner():
                outcomes = retention.apply_retention(
                    now=timezone.now(),
                    still_needed=still_needed,
                    dry_run=options["dry_run"],
                    undelivered=options["undelivered"],
                )
        except Busy as busy:
            raise CommandError(f"{busy} Try again later.") from None
        return {"dry_run": options["dry_run"], "months": [outcome.as_json() for outcome in outcomes]}

    def told(self, answer: Answer) -> str:
        if not answer["months"]:
            return "No month of the log is past the retention."
        return "\n".join(_line(month, dry_run=answer["dry_run"]) for month in answer["months"])


def _line(month: Mapping[str, Any], *, dry_run: bool) -> str:
    what = f"{month['from'][:7]}: {month['entries']:,} entries"
    if month["removed"]:
        return f"{what} {'would be removed' if dry_run else 'removed'}."
    return f"{what} kept. {' '.join(month['kept_because'])}"
