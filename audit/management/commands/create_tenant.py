"""`create_tenant SLUG --name NAME --admin EMAIL`: a tenant with its first admin."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from audit import people
from audit.management.base import OPERATOR, Answer, ProductCommand
from audit.models import Person, Role, Tenant

VARIABLE = "AUDITSITE_PASSWORD"


class Command(ProductCommand):
    help = (
        "Make a tenant and its first admin. The password of a new person is taken from AUDITSITE_PASSWORD "
        "(or the file AUDITSITE_PASSWORD_FILE); without it, one is made and printed, once."
    )

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="Small letters, digits and hyphens; part of the tenant's addresses.")
        parser.add_argument("--name", required=True, help="The tenant's name, as people read it.")
        parser.add_argument("--admin", required=True, metavar="EMAIL", help="Who administers it.")

    def answer(self, options: Mapping[str, Any]) -> Answer:
        slug, email = options["slug"], options["admin"].strip().lower()
        if Tenant.objects.filter(slug=slug).exists():
            raise CommandError(f"The slug {slug!r} is taken already. Choose another.")
        made = None
        with transaction.atomic():
            tenant = people.create_tenant(slug=slug, name=options["name"])
            person = Person.objects.filter(email=email).first()
            if person is None:
                given = _given_password()
                made = None if given else secrets.token_urlsafe(15)
                person = people.create_person(email=email, password=given or made or "")
            by = people.By(OPERATOR, timezone.now())
            people.set_membership(person=person, tenant=tenant, role=Role.ADMIN, by=by)
        return {"tenant": tenant.slug, "name": tenant.name, "id": tenant.pk, "admin": email, "password": made}

    def told(self, answer: Answer) -> str:
        lines = [f"Tenant {answer['tenant']} ({answer['name']}), admin {answer['admin']}."]
        if answer["password"]:
            lines.append(f"Password: {answer['password']}")
        return "\n".join(lines)


def _given_password() -> str:
    file = os.environ.get(f"{VARIABLE}_FILE")
    if file is None:
        return os.environ.get(VARIABLE, "")
    try:
        return Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise CommandError(f"{VARIABLE}_FILE cannot be read: {file}: {error.strerror}.") from None
