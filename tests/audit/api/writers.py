"""Writers in processes of their own, so that a test can kill them: `python -m tests.audit.api.writers …`.

A line of the ledger tells what became of a batch, and its entries carry its name as their details; of a batch without a
line nobody knows: its process or its connection was ended.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from audit.models import Tenant

WRITERS, BATCHES = 32, 6
# Seconds that a transaction stays open with the head's lock; most do not.
PAUSES = (0, 0, 0, 0, 0, 0.01, 0.02, 0.04)
SLOW = 0.5
NAME = "writer"
"""How a writer's connection is called in the database, with the number of its process."""


def main(database: str, ledger: str, seed: int, slugs: list[str]) -> int:
    """0 if every writer came to its end or was killed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "auditsite.settings")
    django.setup()
    children = [_forked(database, ledger, seed, number, slugs) for number in range(WRITERS)]
    ends = {os.waitpid(child, 0)[1] for child in children}
    return 0 if ends <= {0, signal.SIGKILL} else 1


def _forked(database: str, ledger: str, seed: int, number: int, slugs: list[str]) -> int:
    child = os.fork()
    if child:
        return child
    try:
        _write(database, Path(ledger), random.Random(seed * WRITERS + number), number, slugs)
    except BaseException:  # noqa: BLE001 - a child may not return into its parent's code
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)


def _write(database: str, ledger: Path, rng: random.Random, number: int, slugs: list[str]) -> None:
    from django.db import Error, connection

    from audit.models import Tenant

    options = connection.settings_dict.get("OPTIONS", {})
    named = {**options, "application_name": f"{NAME} {os.getpid()}"}
    connection.settings_dict |= {"NAME": database, "OPTIONS": named}
    with ledger.open("a", encoding="ascii", buffering=1) as lines:
        for at in range(BATCHES):
            name = f"{number}-{at}-{rng.choice((1, 1, 2, 3, 5, 9))}"
            pause = SLOW if (number, at) == (0, 1) else rng.choice(PAUSES)
            try:
                tenant = Tenant.objects.get(slug=slugs[number % len(slugs)])
                kept = _batch(tenant, name, pause=pause, taken_back=rng.random() < 0.25)
            except Error:  # its connection was ended: it may have been kept, and goes on with another
                connection.close()
            else:
                lines.write(f"{name} {'kept' if kept else 'taken_back'}\n")


def _batch(tenant: Tenant, name: str, *, pause: float, taken_back: bool) -> bool:
    """Record a batch; whether it was kept."""
    from django.db import transaction
    from django.utils import timezone

    from audit import recording
    from tests.entries import draft

    drafts = [draft(details=name)] * int(name.rpartition("-")[2])
    if len(drafts) == 1:  # in one statement, which is its own transaction
        recording.record(tenant=tenant, draft=drafts[0], now=timezone.now())
        return True
    with transaction.atomic():
        recording.record_many(tenant=tenant, drafts=drafts, now=timezone.now())
        time.sleep(pause)
        transaction.set_rollback(taken_back)
    return not taken_back


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:]))
