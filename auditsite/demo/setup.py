"""What `make up` shows a newcomer: two tenants with a history, people of each role, an API key, a running stream.

For a machine of one's own only: the password is public. Whatever is there already is left as it is.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from audit import keys, people
from audit.management.base import OPERATOR
from audit.management.seeding import writing
from audit.models import Person, Role, Scope, Tenant
from auditsite.demo.intake.private_files import write_private
from auditsite.demo.intake.tokens import load_tokens
from streaming import configuring
from streaming.destination import destination
from streaming.encryption import Secret

PASSWORD = "open-sesame-demo"  # noqa: S105 - printed for everybody who starts the demo
ANA, AUD, VIC = "ana@acme.example", "aud@acme.example", "vic@acme.example"
GUS, STAFF = "gus@globex.example", "staff@platform.example"
NAMES = {
    ANA: "Ana Silva",
    AUD: "Aud Nilsen",
    VIC: "Vic Duval",
    GUS: "Gus Moreau",
    STAFF: "Staff of the platform",
}

ENTRIES, ENTRIES_OF_GLOBEX, DAYS = 50_000, 400, 90
KIND, KEY_FILE = "splunk_hec", "demo-api-key"
# What the stream of the demo sends of what is there already.
SENT_DAYS = 2


def prepare(*, intake_port: int, intake_dir: Path, now: datetime, entries: int = ENTRIES) -> list[str]:
    """Make what is missing of the demo; gives the lines that tell how to use it. Quick where nothing is missing."""
    _tenant("acme", "Acme", {ANA: Role.ADMIN, AUD: Role.AUDITOR, VIC: Role.VIEWER}, entries=entries, now=now)
    _tenant("globex", "Globex", {ANA: Role.ADMIN, GUS: Role.ADMIN}, entries=ENTRIES_OF_GLOBEX, now=now)
    with transaction.atomic():
        if not Person.objects.filter(email=STAFF).exists():
            Person.objects.create_superuser(STAFF, PASSWORD, name=NAMES[STAFF])
    acme = Tenant.objects.get(slug="acme")
    key_file = _api_key(acme, settings.DATA_DIR / KEY_FILE, now=now)
    _stream(acme, url=f"https://127.0.0.1:{intake_port}", intake_dir=intake_dir, now=now)
    return [
        f"Sign in      {ANA} (admin), {AUD} (auditor), {VIC} (viewer of one workspace)",
        f"Staff        {STAFF}, at /admin/",
        f"Password     {PASSWORD} (everybody's)",
        f"API key      in {key_file} (tenant acme: sends entries in, and reads)",
    ]


def _tenant(slug: str, name: str, roles: dict[str, Role], *, entries: int, now: datetime) -> None:
    """In one transaction: a demo that is there is complete, however its making ended."""
    with transaction.atomic():
        if Tenant.objects.filter(slug=slug).exists():
            return
        begin = now - timedelta(days=DAYS)
        by = people.By(OPERATOR, begin)
        tenant = people.create_tenant(slug=slug, name=name)
        first = writing.workspaces_of(tenant, at=begin)[:1]
        for email, role in roles.items():
            person = Person.objects.filter(email=email).first()
            person = person or people.create_person(email=email, password=PASSWORD, name=NAMES[email])
            people.set_membership(person=person, tenant=tenant, role=role, workspaces=first, by=by)
        period = writing.Period(begin, now)
        writing.seed(tenant, entries=entries, period=period, seed=len(roles))


def _api_key(tenant: Tenant, file: Path, *, now: datetime) -> Path:
    """The file with a key that opens; a lost, expired or revoked one is replaced."""
    try:
        keys.recognise(file.read_text(encoding="utf-8").strip(), now=now)
    except (OSError, keys.KeyInvalid):
        _key, text = keys.make_key(
            tenant=tenant, name="platform", scopes=[Scope.INGEST, Scope.READ], now=now, actor=OPERATOR
        )
        write_private(file, text.encode())
    return file


def _stream(tenant: Tenant, *, url: str, intake_dir: Path, now: datetime) -> None:
    """Deliver to the demo's intake, wherever it listens this time; a stream that was led elsewhere is left alone."""
    stream = configuring.stream_of(tenant)
    ours = stream is None or (stream.url.startswith("https://127.0.0.1:") and stream.destination_kind == KIND)
    if not ours or (stream is not None and stream.url == url):
        return
    token = Secret(destination(KIND).check_token(load_tokens(intake_dir).for_kind(KIND)))
    wanted = configuring.Settings(
        enabled=True if stream is None else None,
        destination_kind=KIND,
        url=url,
        token=token,
        start_from=configuring.DATE,
        start_date=now - timedelta(days=SENT_DAYS),
    )
    change = configuring.Change(OPERATOR)
    configuring.save_settings(tenant=tenant, settings=wanted, change=change, now=now)
