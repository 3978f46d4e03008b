"""Mails to a tenant's admins about a stream in trouble, and when it has recovered.

Each round asks `noticing` what is due and claims it before it sends, so that of any number of workers one does. Where
the mail server takes none of the mails, the claim is given back and the next round tries again. Where it takes some,
that counts as told: nobody gets the same mail twice because of another's address. A worker that is killed between claim
and sending loses that one mail; the page says the same, and the next day's mail follows.
"""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.urls import reverse

from audit.models import Person, Role, Tenant
from streaming.health import health_of
from streaming.models import Cursor
from streaming.noticing import Stage, claim, give_back, may_need_notice, next_stage

log = logging.getLogger(__name__)


def send_notices(*, now: datetime) -> int:
    """Tell whatever is due; gives the number of mails that a server took."""
    sent = 0
    for cursor in may_need_notice():
        stage = next_stage(cursor, now=now)
        if stage is None or not claim(cursor, stage, now=now):
            continue
        if stage is not Stage.QUIET and settings.EMAIL_CONFIGURED:
            sent += _tell(cursor, stage, now=now)
    return sent


def admins_of(tenant: Tenant) -> list[str]:
    """The addresses of those who administer the tenant and may sign in."""
    people = Person.objects.filter(is_active=True, memberships__tenant=tenant, memberships__role=Role.ADMIN)
    return list(people.order_by("email").values_list("email", flat=True).distinct())


def _tell(cursor: Cursor, stage: Stage, *, now: datetime) -> int:
    """Send it to every admin, one mail each; gives how many were taken."""
    to = admins_of(cursor.stream.tenant)
    try:
        taken = _sent(_mails(cursor, stage, to=to, now=now))
    except (OSError, smtplib.SMTPException) as error:
        log.warning("The mail server did not answer (%s); the notice is tried again.", error)
        taken = 0
    if to and not taken:
        give_back(cursor, stage, now=now)
    return taken


def _sent(mails: Sequence[EmailMultiAlternatives]) -> int:
    """Over one connection; an address that is refused does not stop the others."""
    taken = 0
    with get_connection() as server:
        for mail in mails:
            try:
                taken += server.send_messages([mail]) or 0
            except smtplib.SMTPServerDisconnected as error:
                log.warning("The mail server hung up: %s", error)
                break
            except smtplib.SMTPException as error:
                log.warning("A notice was refused by the mail server: %s", error)
    return taken


def _mails(cursor: Cursor, stage: Stage, *, to: Sequence[str], now: datetime) -> list[EmailMultiAlternatives]:
    stream, since = cursor.stream, cursor.troubled_since or cursor.held_since
    context = {
        "tenant": stream.tenant,
        "stream": stream,
        "health": health_of(stream, now=now),
        "cursor": cursor,
        "since": since,
        "stage": stage,
        "now": now,
        "address": settings.SITE_URL + reverse("streaming:settings", args=[stream.tenant.slug, stream.pk]),
    }
    kind = "trouble" if stage.is_trouble else "recovered"
    subject = " ".join(render_to_string(f"streaming/mail/{kind}_subject.txt", context).split())
    text = render_to_string(f"streaming/mail/{kind}.txt", context)
    html = render_to_string(f"streaming/mail/{kind}.html", context)
    # The same for the same notice: a server that took a mail, and could not say so, knows the repeat.
    name = f"{stage}.{int((since or now).timestamp())}.{stream.pk}"
    made = []
    for number, address in enumerate(to):
        headers = {"Message-ID": f"<{name}.{number}@auditsite>", "Auto-Submitted": "auto-generated"}
        mail = EmailMultiAlternatives(subject, text, to=[address], headers=headers)
        mail.attach_alternative(html, "text/html")
        made.append(mail)
    return made
