"""A log full of entries, streams that have all of it before them, and one worker that takes it away.

Imports the product's code: only after Django is set up (bench.ground). Run as a module it is the worker:

    python -m bench.backlog STREAM
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench import ingest_load

AT_ONCE = 1_000
SLUG = "acme"
# Longer than any measurement; a run of the product gives way to other streams after 20 s and comes back.
PATIENCE = timedelta(minutes=10)


def fill(number: int) -> None:
    """Record entries through the product's door until the tenant's log has so many."""
    from audit import recording  # noqa: PLC0415 - not before Django is set up
    from audit.models import LogHead, Tenant, Workspace  # noqa: PLC0415

    now = datetime.now(UTC)
    tenant, _ = Tenant.objects.get_or_create(slug=SLUG, defaults={"name": "Acme"})
    for name in ingest_load.WORKSPACES:
        Workspace.objects.get_or_create(tenant=tenant, slug=name, defaults={"name": name.title()})
    drafts = _drafts(tenant, now)
    head = LogHead.objects.filter(tenant=tenant).values_list("last_sequence", flat=True).first() or 0
    for first in range(head, number, AT_ONCE):
        at = first % len(drafts)
        recording.record_many(tenant=tenant, drafts=drafts[at : at + min(AT_ONCE, number - first)], now=now)


def make_stream(kind: str, url: str, *, gzip: bool, waiting: int) -> str:
    """The id of an enabled stream that has the last `waiting` entries before it."""
    from audit.drafts import Actor  # noqa: PLC0415 - not before Django is set up
    from audit.models import LogHead, Tenant  # noqa: PLC0415
    from streaming.configuring import Change, Settings, save_settings  # noqa: PLC0415
    from streaming.encryption import Secret  # noqa: PLC0415
    from streaming.models import Cursor, Stream  # noqa: PLC0415

    tenant = Tenant.objects.get(slug=SLUG)
    Stream.objects.filter(tenant=tenant).delete()
    token = Secret("ApiKey bench:bench" if kind == "elasticsearch" else "bench")
    stream = save_settings(
        tenant=tenant, change=Change(Actor(email="ana@acme.example")), now=datetime.now(UTC),
        settings=Settings(enabled=True, destination_kind=kind, url=url, token=token),
    )  # fmt: skip
    Stream.objects.filter(pk=stream.pk).update(gzip=gzip)
    begin = LogHead.objects.get(tenant=tenant).last_sequence - waiting
    Cursor.objects.filter(pk=stream.pk).update(started_after=begin, place=begin)
    return str(stream.pk)


def write_lines(path: Path, number: int) -> None:
    """The last entries of the log as lines of JSON: what the other shippers read."""
    from django.db import connection  # noqa: PLC0415 - not before Django is set up

    with connection.cursor() as cursor, path.open("wb") as lines:
        cursor.execute("SELECT max(sequence) FROM audit_auditentry")
        cursor.execute(
            "SELECT body FROM audit_auditentry WHERE sequence > %s ORDER BY sequence",
            [cursor.fetchone()[0] - number],
        )
        while rows := cursor.fetchmany(10_000):
            lines.writelines(bytes(body) + b"\n" for (body,) in rows)


def work(stream: str, *, ca_file: Path) -> dict[str, Any]:
    """What a worker of its own process, which does nothing else, says of itself after the last entry."""
    environment = {
        **os.environ, "AUDITSITE_OUTBOUND_ALLOW": "127.0.0.0/8", "AUDITSITE_OUTBOUND_CA": str(ca_file),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "bench.backlog", stream],
        env=environment, check=True, stdout=subprocess.PIPE, timeout=PATIENCE.total_seconds(),
    )  # fmt: skip
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def main() -> int:
    import django  # noqa: PLC0415 - only the worker sets it up here

    django.setup()
    from django.db import connection  # noqa: PLC0415

    connection.ensure_connection()
    began, used, before = time.monotonic(), time.process_time(), _peak()
    delivered = _delivered(sys.argv[1])
    told = {
        "delivered": delivered, "seconds": time.monotonic() - began, "cpu": time.process_time() - used,
        "peak_mb": _peak(), "idle_mb": before, "database_cpu": _cpu_of(connection),
    }  # fmt: skip
    print(json.dumps(told))
    return 0


def _delivered(stream: str) -> int:
    from uuid import UUID  # noqa: PLC0415

    from django.utils import timezone  # noqa: PLC0415 - not before Django is set up

    from streaming.delivery import Run  # noqa: PLC0415

    delivered, more = 0, True
    with Run(UUID(stream), owner="bench") as run:
        while more:
            report = run.deliver_next_batch(now=timezone.now())
            delivered, more = delivered + report.delivered, report.more
    return delivered


def _cpu_of(connection: Any) -> float:
    """Seconds of CPU of this connection's process of PostgreSQL, which began with the connection."""
    fields = (
        Path(f"/proc/{connection.connection.info.backend_pid}/stat").read_text().rpartition(")")[2].split()
    )
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _peak() -> float:
    """MB of this process at its largest; getrusage would tell of the parent's before the exec."""
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def _drafts(tenant: Any, now: datetime) -> list[Any]:
    from audit.catalog.lookup import CATALOG  # noqa: PLC0415 - not before Django is set up
    from audit.drafts import Actor, Context, Draft, Place, Target  # noqa: PLC0415
    from audit.models import Workspace  # noqa: PLC0415

    places = {w.slug: Place(w.pk, w.slug, w.name) for w in Workspace.objects.filter(tenant=tenant)}
    return [
        Draft(
            event=CATALOG.event(one["event"]), actor=Actor(**one["actor"]), workspace=places[one["workspace"]],
            parameters=one["parameters"], details=one["details"], target=Target(**one["target"]),
            context=Context(**one["context"]), occurred_at=datetime.fromisoformat(one["occurred_at"]),
        )
        for one in ingest_load.entries(now=now)
    ]  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
