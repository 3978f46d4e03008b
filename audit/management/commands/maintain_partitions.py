"""`maintain_partitions`: months made ahead, strays moved out of the default partition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from audit.maintaining import maintain
from audit.management.base import Answer, ProductCommand
from audit.partitions import as_owner


class Command(ProductCommand):
    help = "Make the log's partitions for the coming months and empty the default one. Holds up nobody who writes."

    def answer(self, options: Mapping[str, Any]) -> Answer:  # noqa: ARG002 - it has none
        with as_owner():
            return maintain(now=timezone.now()).as_json()

    def told(self, answer: Answer) -> str:
        lines = [f"Made: {', '.join(answer['made']) or 'nothing, all months are there'}."]
        lines.append(f"Moved out of the default partition: {answer['moved']:,}.")
        if answer["strays"]:
            lines.append(f"Left in it, written by clocks that are years off: {answer['strays']:,}.")
        if answer["later"]:
            lines.append(f"Left for later: {answer['later']}")
        return "\n".join(lines)
