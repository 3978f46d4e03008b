"""GET /catalog: everything that can be recorded."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from audit.api.answers import json_answer
from audit.api.shapes import AreaOut, EventOut, Vocabulary
from audit.catalog.kinds import Event
from audit.catalog.lookup import CATALOG


def get_catalog(request: HttpRequest) -> HttpResponse:
    """The vocabulary: areas and their events, in the product's order; a deployment's own events after them."""
    areas = [AreaOut(area.code, area.label, [_event(e) for e in area.events]) for area in CATALOG.areas()]
    return json_answer(request, Vocabulary(areas))


def _event(event: Event) -> EventOut:
    return EventOut(
        event.code, event.label, event.category.label, event.parameters, event.description, event.extension
    )
