"""Who and what the browser's tests find: tenants, people of each role, and entries that are known to the letter."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import requests

from tests.journeys.product import Product

Keys = dict[str, str]

PASSWORD = "a long enough secret"
ANA, AUD, VIC = "ana@acme.example", "aud@acme.example", "vic@acme.example"
GUS, IVO, MIA = "gus@globex.example", "ivo@initech.example", "mia@acme.example"
TESS = "tess@rooms.example"
KIM, BOT = "kim@acme.example", "kiln-bot"
# Who looks at what `stages` arranges: an admin there, a viewer of no workspace, and staff.
SID, UMA, SUE = "sid@stages.example", "uma@stages.example", "sue@platform.example"
SEEDED = 100_000
# Seconds for making them, where a dozen other things are going on.
SEEDING = 300

# Slug, name and first admin. Nobody has set up a stream in any of them.
TENANTS = (("acme", "Acme", ANA), ("globex", "Globex", GUS), ("initech", "Initech", IVO))
# Tenants of tess for one test each: five connection tests a minute are all that one tenant may run.
ROOMS = tuple(f"room-{number}" for number in range(60))

# In one process, which is quicker than a command at a time. For further members there is no command.
MAKING = f"""
from django.core.management import call_command
from django.utils import timezone
from audit import people
from audit.management.base import OPERATOR
from audit.models import Tenant
for slug, name, admin in {(*TENANTS, *((room, room, TESS) for room in ROOMS))}:
    call_command("create_tenant", slug, name=name, admin=admin)
call_command("seed_demo", tenant="acme", entries={SEEDED})
by = people.By(OPERATOR, timezone.now())
acme, globex = Tenant.objects.get(slug="acme"), Tenant.objects.get(slug="globex")
soc = list(acme.workspaces.filter(slug="soc"))
for email, role in (("{AUD}", "auditor"), ("{VIC}", "viewer"), ("{MIA}", "admin")):
    person = people.create_person(email=email, password="{PASSWORD}")
    people.set_membership(person=person, tenant=acme, role=role, workspaces=soc, by=by)
people.set_membership(person=person, tenant=globex, role="auditor", by=by)
for tenant in ("acme", "globex"):
    call_command("create_api_key", tenant=tenant, name="platform", scope=["ingest"])
"""


def known_entries(now: datetime) -> list[dict[str, Any]]:
    """Four by kim and one by a program, oldest first."""
    kim = {"email": KIM}
    return [
        {
            "event": "workflows.workflow_published", "actor": kim, "workspace": "soc",
            "parameters": {"workflow_name": "Kiln check", "version": "7"},
            "details": "Signed off by the pottery board", "occurred_at": _ago(now, days=3),
        },
        {
            "event": "cases.case_shared", "actor": kim, "workspace": "fraud",
            "parameters": {"case_id": "K-77", "case_name": "Amber", "shared_with": "lee@acme.example"},
            "details": "Shared with the amber desk", "occurred_at": _ago(now, days=2),
        },
        {
            "event": "tenant_admin_settings.saml_settings_updated", "actor": kim,
            "parameters": {"changes": "entity id"}, "details": "=HYPERLINK(\"https://evil.example\")",
            "outcome": "failure", "occurred_at": _ago(now, days=1),
        },
        {
            "event": "workflows.workflow_published", "actor": kim, "workspace": "soc",
            "parameters": {"workflow_name": "Kiln check", "version": "8"},
            "details": "<script>alert(1)</script>", "occurred_at": _ago(now, hours=3),
        },
        {
            "event": "tables.table_created", "actor": {"type": "service_account", "name": BOT},
            "workspace": "soc", "parameters": {"table_name": "Glazes"}, "occurred_at": _ago(now, hours=2),
        },
    ]  # fmt: skip


def populate(product: Product, *, now: datetime) -> Keys:
    """Make the tenants, their people and their entries. The API keys of acme and globex."""
    acme, globex = product.manage("shell", "--no-imports", "-c", MAKING, seconds=SEEDING).splitlines()[-2:]
    post(product, acme, known_entries(now))
    return {"acme": acme, "globex": globex}


def post(product: Product, key: str, entries: list[dict[str, Any]]) -> None:
    """Send entries in, as a service of the platform does."""
    answer = requests.post(
        f"{product.address}/api/v1/entries",
        json=entries,
        headers={"Authorization": f"Bearer {key}"},
        timeout=30,
    )
    assert answer.status_code == 201, answer.text


def _ago(now: datetime, **ago: int) -> str:
    return (now - timedelta(**ago)).isoformat()
