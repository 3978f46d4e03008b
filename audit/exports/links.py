"""Links to the files of exports: signed, for one person in one tenant, good for one download within 15 minutes (I6)."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.core import signing

from audit.access import NotFound
from audit.models import Export, ExportState, Person, Tenant

GOOD_FOR = timedelta(minutes=15)


class LinkUsed(Exception):
    """The link was good once: it is too old, was used, or another was made since."""


def make(export: Export) -> str:
    """A new link's token; those that were made before are good for nothing any more."""
    secret = secrets.token_urlsafe(16)
    Export.objects.filter(pk=export.pk, state=ExportState.READY).update(link=secret)
    return signing.dumps([str(export.pk), secret], salt=_salt(export.tenant_id, export.person_id))


def take(token: str, *, tenant: Tenant, person: Person, now: datetime) -> Export:
    """The export whose file may be sent now, once.

    Raises NotFound for what was made for somebody else, or by somebody else; LinkUsed.
    """
    try:
        export_id, secret = signing.loads(token, salt=_salt(tenant.pk, person.pk), max_age=GOOD_FOR)
    except signing.SignatureExpired:
        raise LinkUsed("The link is older than 15 minutes.") from None
    except signing.BadSignature:
        raise NotFound("no such link for this person") from None
    mine = Export.objects.of(tenant, person).filter(pk=UUID(export_id), state=ExportState.READY)
    if not mine.filter(link=secret, expires_at__gt=now).update(link=""):
        raise LinkUsed("The link was used already, or the file is gone.")
    return mine.get()


def _salt(tenant_id: UUID, person_id: UUID) -> str:
    return f"audit.exports.{tenant_id}.{person_id}"
