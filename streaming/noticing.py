"""When a person should be told that a stream is in trouble: in the page by what the cursor says, by mail in stages.

A mail goes at a quarter of an hour, then once a day from 24 hours on, and at recovery if one went out before. There is
one mail of trouble a day for a stream at most, however often it comes and goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from streaming.models import Cursor, State

IN_TROUBLE = timedelta(minutes=15)
A_DAY = timedelta(days=1)


class Stage(StrEnum):
    """What was told last. `notice_stage` holds it, `noticed_at` when."""

    QUIET = ""
    FIRST = "first"
    DAILY = "daily"
    RECOVERED = "recovered"

    @property
    def is_trouble(self) -> bool:
        return self in {Stage.FIRST, Stage.DAILY}


@dataclass(frozen=True, slots=True)
class Notice:
    """What the page says above its content: `tone` is danger, warn or ok."""

    cursor: Cursor
    tone: str
    since: datetime


def next_stage(cursor: Cursor, *, now: datetime) -> Stage | None:
    """What is to be told now; None for nothing. QUIET forgets what was told, without a word."""
    stage, trouble = Stage(cursor.notice_stage), cursor.troubled_since or cursor.held_since
    if not cursor.stream.enabled:
        # Switched off by a person: no trouble, and no recovery either.
        return Stage.QUIET if stage.is_trouble else None
    if trouble is None:
        return Stage.RECOVERED if stage.is_trouble else None
    rested = cursor.noticed_at is None or now - cursor.noticed_at >= A_DAY
    wait, then = (A_DAY, Stage.DAILY) if stage.is_trouble else (IN_TROUBLE, Stage.FIRST)
    return then if rested and now - trouble >= wait else None


def may_need_notice() -> QuerySet[Cursor]:
    """Cursors that `next_stage` has something to say about at one time or other."""
    trouble = Q(troubled_since__isnull=False) | Q(held_since__isnull=False)
    return Cursor.objects.filter(
        Q(stream__enabled=True) & trouble | Q(notice_stage__in=[Stage.FIRST, Stage.DAILY])
    ).select_related("stream__tenant")


def claim(cursor: Cursor, stage: Stage, *, now: datetime) -> bool:
    """Take it upon oneself to tell, in one step: of any number of workers one does."""
    told_at = cursor.noticed_at if stage is Stage.QUIET else now
    as_read = Cursor.objects.filter(
        pk=cursor.pk, notice_stage=cursor.notice_stage, noticed_at=cursor.noticed_at
    )
    return bool(as_read.update(notice_stage=stage, noticed_at=told_at))


def give_back(cursor: Cursor, stage: Stage, *, now: datetime) -> None:
    """It could not be told: as it was before `claim`, so that the next round tries again."""
    Cursor.objects.filter(pk=cursor.pk, notice_stage=stage, noticed_at=now).update(
        notice_stage=cursor.notice_stage, noticed_at=cursor.noticed_at
    )


def notices(slug: str, *, now: datetime) -> list[Notice]:
    """For the pages of a tenant: streams that are held, or in trouble for a while, or have just recovered."""
    held = Q(state__in=[State.HELD_FOR_CREDENTIALS, State.HELD_FOR_SETTINGS])
    recovered = Q(notice_stage=Stage.RECOVERED, noticed_at__gt=now - A_DAY)
    cursors = (
        Cursor.objects.filter(stream__tenant__slug=slug, stream__enabled=True)
        .annotate(trouble=Coalesce(F("troubled_since"), F("held_since")))
        .filter(held | Q(trouble__lte=now - IN_TROUBLE) | recovered)
        .select_related("stream")
        .order_by("stream__created_at")
    )
    return [notice for cursor in cursors if (notice := _notice(cursor, now=now)) is not None]


def _notice(cursor: Cursor, *, now: datetime) -> Notice | None:
    since = cursor.troubled_since or cursor.held_since
    if State(cursor.state).is_held:
        return Notice(cursor, "danger", since or cursor.last_error_at or now)
    if since is not None and now - since >= IN_TROUBLE:
        return Notice(cursor, "warn", since)
    if since is None and cursor.noticed_at is not None:
        return Notice(cursor, "ok", cursor.noticed_at)
    return None
