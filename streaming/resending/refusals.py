"""What a replay means to set-asides: what it is refused joins them, what it delivers ends them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import F

from streaming.models import Cursor, Replay, Resolution, SetAside, Stream
from streaming.wire.outcome import Verdict
from streaming.wire.payload import Payload


def keep(replay: Replay, refused: Payload, verdict: Verdict, *, now: datetime) -> None:
    """Keep the answer where a person finds it; call it in the transaction that moves the replay's place."""
    told: dict[str, Any] = {
        "last_tried_at": now,
        "code": verdict.code,
        "http_status": verdict.http_status,
        "reason": verdict.reason,
    }
    of_the_entry = {"stream_id": replay.stream_id, "sequence": refused.sequence}
    known = SetAside.objects.select_for_update().filter(**of_the_entry).first()
    if known is None:
        SetAside.objects.create(**of_the_entry, replay=replay, entry_id=refused.id, at=now, **told)
        return
    if known.resolution:
        # It had ended, and the cursor counted that: it opens again as a matter of this replay alone.
        told |= {
            "at": now,
            "replay": replay,
            "send_again": False,
            "resolution": "",
            "resolved_at": None,
            "resolved_by": None,
            "dismissed_because": "",
        }
    SetAside.objects.filter(pk=known.pk).update(**told, tries=F("tries") + 1)


def resolve(stream: Stream, delivered: Sequence[int], *, now: datetime) -> None:
    """End the set-asides of entries that were delivered after all, and count those as delivered; as `keep`."""
    open_ones = SetAside.objects.select_for_update().filter(
        stream=stream, sequence__in=delivered, resolution=""
    )
    rows = list(open_ones.values_list("pk", "replay_id")) if delivered else []
    if not rows:
        return
    SetAside.objects.filter(pk__in=[pk for pk, _ in rows]).update(
        resolution=Resolution.SENT, resolved_at=now, last_tried_at=now, tries=F("tries") + 1, send_again=False
    )
    counted = sum(replay is None for _, replay in rows)
    if counted:
        Cursor.objects.filter(pk=stream.pk).update(
            set_aside=F("set_aside") - counted, delivered=F("delivered") + counted
        )
