"""A tenant that makes trouble: much before several of its streams, and others whose intakes swallow what they get.

Run as a module in the product's environment, as bench.fairness does:

    python -m bench.trouble fill ENTRIES | on NUMBER BACKLOG-URL SWALLOWING-URL … | off
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from bench import backlog

BEHIND, DEAD = 5, 10
"""Streams that have the whole log before them, and streams whose intakes never answer."""


def main() -> int:
    import django  # noqa: PLC0415 - a process of its own

    django.setup()
    what, *given = sys.argv[1:]
    if what == "fill":
        backlog.fill(int(given[0]))
    else:
        _off()
    if what == "on":
        _on(int(given[0]), *given[1:])
    return 0


def _on(draining: int, behind: str, *dead: str) -> None:
    for number in range(draining):
        _add(f"behind {number}", behind)
    for number in range(DEAD):
        _add(f"dead {number}", dead[number % len(dead)])


def _off() -> None:
    from streaming.models import Stream  # noqa: PLC0415 - not before Django is set up

    Stream.objects.filter(tenant__slug=backlog.SLUG).delete()


def _add(name: str, url: str) -> None:
    from audit.drafts import Actor  # noqa: PLC0415 - not before Django is set up
    from audit.models import Tenant  # noqa: PLC0415
    from streaming.configuring import BEGINNING, Change, Settings, add_stream  # noqa: PLC0415
    from streaming.encryption import Secret  # noqa: PLC0415

    add_stream(
        tenant=Tenant.objects.get(slug=backlog.SLUG), change=Change(Actor(email="ana@acme.example")),
        now=datetime.now(UTC),
        settings=Settings(
            enabled=True, name=name, destination_kind="http_bearer", url=url, token=Secret("bench"),
            start_from=BEGINNING,
        ),
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
