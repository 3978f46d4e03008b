"""GET /entries/activity and /entries/facets: how many entries there were when, and of what, for any filter."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse

from audit import activity, queries
from audit.api.answers import json_answer
from audit.api.description import in_query
from audit.api.reading import asked, bounded, filter_parameters, wrong
from audit.api.shapes import Activity, ActivityBar, Facets, FacetValue
from audit.models import ApiKey

PER, ZONE = "per", "zone"
OWN = frozenset({PER, ZONE})


def activity_parameters() -> list[dict[str, Any]]:
    """What may stand in the address of /entries/activity: our own, and the page's filters."""
    return [
        in_query(PER, "The length of a bar.", type="string", enum=list(activity.PERS), default="day"),
        in_query(ZONE, "The time zone of hours, days and months.", type="string", default="UTC"),
        *filter_parameters(),
    ]


def get_activity(request: HttpRequest) -> HttpResponse:
    """How many entries occurred per hour, day or month, oldest first, under the filters of `GET /entries`.

    Where nothing occurred there is no bar. Give a range: a long log takes long to count, and is stopped.
    """
    key: ApiKey = request.auth  # type: ignore[attr-defined] # set by ApiKeyAuth
    per, zone = _per(request), _zone(request)
    with bounded():
        entries = asked(request, key.tenant, also=OWN)
        with queries.sparing(entries):
            bars = activity.over_time(entries, per=per, zone=zone)
    shown = [ActivityBar(bar.start.isoformat(), bar.count) for bar in bars]
    return json_answer(request, Activity(per, str(zone), shown))


def get_facets(request: HttpRequest) -> HttpResponse:
    """The most frequent values of each column under the filters of `GET /entries`, with counts.

    Counted are the latest 10,000 entries; `complete` says whether those are all.
    """
    key: ApiKey = request.auth  # type: ignore[attr-defined] # set by ApiKeyAuth
    with bounded():
        entries = asked(request, key.tenant, also=frozenset())
        with queries.sparing(entries):
            found = activity.facets(entries)
    values = {
        _NAMES[column]: [FacetValue(value, count) for value, count in some]
        for column, some in found.values.items()
    }
    return json_answer(request, Facets(values, found.counted, found.complete))


# By the names that the filters have.
_NAMES = {
    "event": "action", "area": "area", "category": "category", "workspace_id": "workspace", "done_by": "by",
    "outcome": "outcome", "actor_type": "actor_type",
}  # fmt: skip


def _per(request: HttpRequest) -> activity.Per:
    given = request.GET.get(PER, "day")
    for per in activity.PERS:
        if given == per:
            return per
    raise wrong(PER, f"has to be one of {', '.join(activity.PERS)}, not {given!r}")


def _zone(request: HttpRequest) -> ZoneInfo:
    given = request.GET.get(ZONE, "UTC")
    try:
        return ZoneInfo(given)
    except (KeyError, ValueError, OSError):
        raise wrong(ZONE, f"is no time zone: {given!r}. Write UTC or Europe/Berlin") from None
