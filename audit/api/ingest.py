"""POST /entries: the road on which the platform's services send their entries in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from audit.api.answers import Refusal, json_answer
from audit.api.bodies import read_body
from audit.api.decoding import decode
from audit.api.drafting import draft_all
from audit.api.shapes import Accepted
from audit.drafts import DraftRefused, Problem
from audit.models import ApiKey
from audit.recording import record_many


def post_entries(request: HttpRequest) -> HttpResponse:
    """Record one entry, an array of entries, or NDJSON; all of them or, where anything is wrong, none.

    At most 1,000 entries and 5 MB (before compression) are taken. The answer comes after commit: an entry that was
    answered with 201 is kept. Without an answer, send the same request again; with an `external_id`, an entry that
    was recorded already is counted as a duplicate, answered with its first sequence, and not written again. A
    batch of duplicates only is answered with 201 too, and `accepted` is 0.
    """
    key: ApiKey = request.auth  # type: ignore[attr-defined] # set by ApiKeyAuth
    items, batch = decode(read_body(request))
    try:
        drafts = draft_all(items, tenant=key.tenant)
        receipt = record_many(tenant=key.tenant, drafts=drafts, now=timezone.now(), producer=key.name)
    except DraftRefused as refused:
        raise _refusal(refused.problems, batch=batch) from None
    accepted = Accepted(receipt.accepted, receipt.duplicates, receipt.first_sequence, receipt.last_sequence)
    return json_answer(request, accepted, status=201)


def _refusal(problems: list[Problem], *, batch: bool) -> Refusal:
    if not batch:
        problems = [Problem(p.loc.removeprefix("/0"), p.msg, p.type) for p in problems]
    first = problems[0]
    more = f" ({len(problems):,} problems in all)" if len(problems) > 1 else ""
    detail = f"Nothing was recorded. At {first.loc or 'the entry'}: {first.msg}{more}"
    return Refusal(422, "entries-refused", detail, problems=problems)
