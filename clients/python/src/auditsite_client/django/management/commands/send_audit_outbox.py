"""`manage.py send_audit_outbox`: sends what committed transactions left, as long as it runs."""

from __future__ import annotations

import json
import signal
import threading
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Count, Q

from auditsite_client.django.models import OutboxEntry
from auditsite_client.django.outbox import Outbox

LOOK_AGAIN = 1.0


class Command(BaseCommand):
    help = "Send the entries of the outbox until SIGTERM or Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="whose outbox (default)")
        parser.add_argument("--once", action="store_true", help="send what is there, and end")
        parser.add_argument("--timeout", type=float, default=60.0, help="seconds that --once may take (60)")
        parser.add_argument("--status", action="store_true", help="print what waits by tenant, as JSON")
        parser.add_argument("--send-again", action="store_true", help="put what was set aside back")

    def handle(self, *_: Any, **given: Any) -> None:
        rows = OutboxEntry.objects.using(given["database"])
        if given["status"]:
            counted = rows.values("tenant").annotate(
                waiting=Count("pk", filter=Q(set_aside="")), set_aside=Count("pk", filter=~Q(set_aside=""))
            )
            self.stdout.write(json.dumps(list(counted.order_by("tenant"))))
        elif given["send_again"]:
            number = rows.exclude(set_aside="").update(set_aside="", set_aside_at=None)
            self.stdout.write(json.dumps({"put_back": number}))
        else:
            with Outbox(given["database"]) as outbox:
                if given["once"]:
                    _send_all(outbox, time.monotonic() + given["timeout"])
                else:
                    _send_until_told(outbox)


def _send_all(outbox: Outbox, deadline: float) -> None:
    while (pause := outbox.send_due()) is not None:
        left = deadline - time.monotonic()
        if left <= 0:
            said = "; ".join(reason for _, reason in outbox.states().values() if reason)
            raise CommandError(
                f"Not all of the outbox could be sent: {said or 'too much for the time given'}"
            )
        time.sleep(min(pause, left))


def _send_until_told(outbox: Outbox) -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while not stop.is_set():
        pause = outbox.send_due()
        stop.wait(LOOK_AGAIN if pause is None else min(pause, LOOK_AGAIN))
