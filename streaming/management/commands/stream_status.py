"""`manage.py stream_status`: how a tenant's stream is doing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from audit.management.base import Answer, ProductCommand, tenant_named
from streaming.coverage import what_goes
from streaming.health import health_of


class Command(ProductCommand):
    help = "Show a stream's state, and how many entries are delivered, waiting and set aside."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", required=True, metavar="SLUG")
        parser.add_argument("--name", default="", help="Which stream; without it the tenant's first.")

    def answer(self, options: Mapping[str, Any]) -> Answer:
        streams = tenant_named(options["tenant"]).streams.order_by("created_at")
        named = streams.filter(name=options["name"]) if options["name"] else streams
        stream = named.first()
        if stream is None:
            raise CommandError("The tenant has no such stream. Make it with set_stream.")
        return {**health_of(stream, now=timezone.now()).as_json(), **what_goes(stream)}

    def told(self, answer: Answer) -> str:
        within = answer["delivered_within"]
        flat = {k: v for k, v in answer.items() if k != "delivered_within"}
        flat |= {f"delivered within ({share})": f"{value:g} s" for share, value in within.items() if value}
        lines = [
            f"{name.replace('_', ' ')}: {value}" for name, value in flat.items() if value not in (None, "")
        ]
        return "\n".join(lines)
