"""Exports for tests: as they stand in the database, and asked for as the page does it."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from audit import queries
from audit.drafts import Context
from audit.exports.asking import Asker, Wanted, ask
from audit.models import Export, Membership, Person, Role, Tenant
from tests.entries import NOON


def export_of(person: Person, tenant: Tenant, **fields: Any) -> Export:
    """A row with these fields, of a log of nine entries and a tenth that came later."""
    number = Export.objects.filter(tenant=tenant).count() + 1
    given = {"file_format": "csv", "last_sequence": 9, "promised": 8, "asked_at": NOON, "number": number}
    return Export.objects.create(**{"tenant": tenant, "person": person, **given, **fields})


def asked_by(person: Person, tenant: Tenant, **fields: Any) -> Export:
    """What the person asks for now: by default all of the log as NDJSON."""
    last = queries.last_sequence(tenant)
    wanted = Wanted(
        **{"file_format": "ndjson", "filters": "", "promised": last, "last_sequence": last, **fields}
    )
    return ask(wanted, by=Asker(tenant, person, Context()), now=timezone.now())


def admin_of(tenant: Tenant, email: str = "ana@acme.example") -> Person:
    """For tests that commit, which have no fixtures of people."""
    person = Person.objects.create_user(email)
    Membership.objects.create(person=person, tenant=tenant, role=Role.ADMIN)
    return person
