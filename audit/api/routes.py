"""The addresses of the log's API; the site's API (the composition root) takes this router in."""

from __future__ import annotations

from ninja import Router

from audit.api import ingest, overview, reading, vocabulary
from audit.api.authentication import ApiKeyAuth
from audit.api.description import described, entries_body
from audit.api.shapes import Accepted, Activity, Entries, Entry, Facets, Vocabulary
from audit.models import Scope

router = Router()

router.post(
    "/entries",
    auth=ApiKeyAuth(Scope.INGEST),
    response={201: None},
    summary="Send entries in",
    operation_id="post_entries",
    tags=["Entries"],
    openapi_extra=described(status=201, answer=Accepted, refusals=(400, 413, 415, 422), body=entries_body()),
)(ingest.post_entries)

router.get(
    "/entries",
    auth=ApiKeyAuth(Scope.READ),
    summary="Read entries",
    operation_id="get_entries",
    tags=["Entries"],
    openapi_extra=described(status=200, answer=Entries, refusals=(400,), parameters=reading.parameters()),
)(reading.get_entries)

router.get(
    "/entries/activity",
    auth=ApiKeyAuth(Scope.READ),
    summary="Count entries over time",
    operation_id="get_activity",
    tags=["Entries"],
    openapi_extra=described(
        status=200, answer=Activity, refusals=(400,), parameters=overview.activity_parameters()
    ),
)(overview.get_activity)

router.get(
    "/entries/facets",
    auth=ApiKeyAuth(Scope.READ),
    summary="Count the most frequent values",
    operation_id="get_facets",
    tags=["Entries"],
    openapi_extra=described(
        status=200, answer=Facets, refusals=(400,), parameters=reading.filter_parameters()
    ),
)(overview.get_facets)

router.get(
    "/entries/{entry_id}",
    auth=ApiKeyAuth(Scope.READ),
    summary="Read one entry",
    operation_id="get_entry",
    tags=["Entries"],
    openapi_extra=described(status=200, answer=Entry, refusals=(404,)),
)(reading.get_entry)

router.get(
    "/catalog",
    auth=ApiKeyAuth(None),
    summary="Read the vocabulary",
    operation_id="get_catalog",
    tags=["Vocabulary"],
    openapi_extra=described(status=200, answer=Vocabulary),
)(vocabulary.get_catalog)
