"""Test Connection: the form's values go the same road as delivery, step by step, and each step tells what it found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from time import perf_counter
from uuid import UUID

from django.db import transaction

from audit.callers import actor_of
from audit.catalog.areas.tenant_admin_settings import AUDIT_LOG_STREAMING_TESTED
from audit.drafts import Draft
from audit.recording import record
from streaming import environment
from streaming.announcing import DELIVERY
from streaming.destination import SettingsError, Target, destination
from streaming.encryption import TokenUnreadable
from streaming.models import ConnectionTest, ProbeStatus
from streaming.tokens import fingerprint, signing_secret_of
from streaming.transport.phases import PHASES, PhaseResult, PhaseStatus
from streaming.transport.probing import connect_phases
from streaming.transport.urls import without_query
from streaming.wire.messages import Answer, Request

# All steps together (delivery.md section 3).
WHOLE_TEST = 10.0
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


def run_connection_test(test_id: UUID, *, now: datetime) -> None:
    """Run a test that waits, writing each step down as it ends; a test that ran already is left alone.

    The token is wiped from the row at the end, and the run is recorded in the tenant's log.
    """
    waiting = ConnectionTest.objects.filter(pk=test_id, status=ProbeStatus.WAITING)
    if not waiting.update(status=ProbeStatus.RUNNING, phases=_shown([])):
        return
    test = ConnectionTest.objects.select_related("tenant", "stream", "asked_by").get(pk=test_id)
    results: list[PhaseResult] = []
    for result in _phases(test, now=now):
        results.append(result)
        ConnectionTest.objects.filter(pk=test_id).update(phases=_shown(results))
    _finish(test, results, now=now)


def to_come() -> list[dict[str, object]]:
    """What the page shows of a test that no worker has begun yet: all steps, waiting."""
    return [_upcoming(name, "waiting") for name in PHASES]


def _phases(test: ConnectionTest, *, now: datetime) -> Iterator[PhaseResult]:
    began = perf_counter()
    try:
        target = _target(test)
    except (SettingsError, TokenUnreadable) as error:
        yield PhaseResult(
            name="address", status=PhaseStatus.FAIL, message=str(error), code="settings_invalid"
        )
        return
    for result in connect_phases(target.url, environment.policy(), now=now, seconds=WHOLE_TEST):
        yield result
        if result.stops:
            return
    with environment.client() as client:

        def send(request: Request) -> Answer:
            return client.send(request, timeout=max(WHOLE_TEST - (perf_counter() - began), 1.0))

        yield from _timed(destination(test.destination_kind).probes(target, send=send, now=now))


def _timed(results: Iterator[PhaseResult]) -> Iterator[PhaseResult]:
    began = perf_counter()
    for result in results:
        took = round((perf_counter() - began) * 1000)
        yield result if result.milliseconds is not None else replace(result, milliseconds=took)
        began = perf_counter()


def _target(test: ConnectionTest) -> Target:
    if test.token_encrypted is None:
        raise TokenUnreadable("No token was given.")
    token = environment.key_ring().decrypt(test.token_encrypted, tenant=test.tenant_id, row=test.pk)
    ConnectionTest.objects.filter(pk=test.pk).update(token_fingerprint=fingerprint(token))
    url, _ = destination(test.destination_kind).target_url(test.url)
    secret = signing_secret_of(test)
    return Target(
        url=url,
        token=token.reveal(),
        tenant_slug=test.tenant.slug,
        channel=test.pk,
        payload_format=test.payload_format,
        framing=test.framing,
        signing_secret=secret.reveal() if secret else "",
    )


def _finish(test: ConnectionTest, results: list[PhaseResult], *, now: datetime) -> None:
    last = results[-1]
    passed = not last.stops
    summary, rest = ("Connected.", last.message) if passed else _first_sentence(last.message)
    with transaction.atomic():
        ConnectionTest.objects.filter(pk=test.pk).update(
            status=ProbeStatus.PASSED if passed else ProbeStatus.FAILED,
            phases=_shown(results, done=True),
            summary=summary,
            hint=f"{rest} {last.hint}".strip(),
            finished_at=now,
            token_encrypted=None,
            signing_secret_encrypted=None,
        )
        record(tenant=test.tenant, draft=_draft(test, last, passed=passed), now=now)


def _draft(test: ConnectionTest, last: PhaseResult, *, passed: bool) -> Draft:
    person = test.asked_by
    actor = actor_of(person) if person else DELIVERY
    return Draft(
        AUDIT_LOG_STREAMING_TESTED,
        actor,
        parameters={
            "destination_type": test.destination_kind,
            "url": without_query(test.url),
            "result": "passed" if passed else "failed",
            "failed_phase": "" if passed else PHASES[last.name],
        },
        details=last.message,
        outcome="success" if passed else "failure",
    )


def _first_sentence(text: str) -> tuple[str, str]:
    """What happened, for the narrow box of its step, and what there is to say beyond it."""
    first, *rest = SENTENCE_END.split(text, maxsplit=1)
    return first, " ".join(rest)


def _told(result: PhaseResult) -> dict[str, object]:
    told = result.as_json() | {"label": PHASES[result.name]}
    return told | {"message": _first_sentence(result.message)[0]} if result.stops else told


def _shown(results: list[PhaseResult], *, done: bool = False) -> list[dict[str, object]]:
    """All steps in their order: those that ended, the running one, those to come."""
    ended = {result.name: _told(result) for result in results}
    stopped = done or any(result.stops for result in results)
    rest = [name for name in PHASES if name not in ended]
    coming = [_upcoming(name, "skipped" if stopped else "waiting") for name in rest]
    if coming and not stopped:
        coming[0]["status"] = "running"
    return [ended[name] for name in PHASES if name in ended] + coming


def _upcoming(name: str, status: str = "running") -> dict[str, object]:
    return {"name": name, "label": PHASES[name], "status": status, "message": "", "milliseconds": None}
