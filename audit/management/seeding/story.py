"""Drafts in the order of their time: which event, by whom, where, about what, and how it went."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from audit.canonical import timestamp
from audit.catalog.kinds import Event
from audit.catalog.lookup import CATALOG
from audit.drafts import Draft, Outcome, Place, Target
from audit.management.seeding import rhythm, sentences, values
from audit.management.seeding.cast import SCHEDULER, SYSTEM, Cast, Someone

# How often an event happens where one that is not named here happens once.
FREQUENT = {
    "users.user_logged_in": 60, "users.user_logged_out": 25, "users.sign_in_failed": 6,
    "cases.case_exported": 14, "cases.case_shared": 18, "cases.table_exported_to_csv": 8,
    "workflows.workflow_published": 22, "workflows.workflow_settings_updated": 14, "workflows.workflow_created": 8,
    "workflows.workflow_activated": 9, "workflows.workflow_deactivated": 6,
    "approval_management.request_submitted": 16, "approval_management.request_approved": 12,
    "approval_management.request_denied": 4, "tables.table_edited": 10, "tables.table_exported_to_csv": 6,
    "dashboards.dashboard_edited": 8, "global_variables.global_variable_edited": 7,
    "connections.connection_edited": 5, "workspace_management.user_invited_added": 6,
    "case_related_tables.field_edited": 5, "tables.field_created": 5, "users.api_key_created": 2,
}  # fmt: skip
# Areas of the tenant as a whole: what happens there happens in no workspace.
WITHOUT_WORKSPACE = frozenset({"tenant_admin_settings", "tenant_user_management", "users", "runners"})
# What nobody does: the system itself, or its clock.
BY_ITSELF = frozenset({"audit_log_streaming_held", "audit_log_streaming_recovered"})
BY_THE_CLOCK = frozenset({"runner_auto_upgrade_updated"})
ONLY_PEOPLE = frozenset({"users", "approval_management", "cases"})
FAILING, SURE = frozenset({"users.sign_in_failed"}), frozenset({"users", "tenant_admin_settings"})
SHARE_OF_ACCOUNTS, SHARE_OF_FAILURES = 0.14, 0.015
# What an entry is about, by the first of these parameters that it has.
TARGETS = {
    "workflow_name": "workflow", "case_id": "case", "table_name": "table", "dashboard_name": "dashboard",
    "variable_name": "global_variable", "app_name": "app", "pack_name": "pack", "connection_name": "connection",
    "runner_group": "runner_group", "request_name": "request", "username": "user", "service_account": "service_account",
    "role_name": "role", "group_name": "group", "key_name": "api_key", "stream_name": "stream",
    "workspace_name": "workspace",
}  # fmt: skip
PEOPLE_KEYS = frozenset({"username", "requested_by", "approvers", "shared_with"})


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a story plays."""

    cast: Cast
    workspaces: Sequence[Place]


def drafts(
    count: int, *, stage: Stage, begin: datetime, end: datetime, rng: random.Random
) -> Iterator[Draft]:
    """`count` drafts from `begin` to `end`, ascending; every event of the vocabulary where `count` allows it."""
    moments = rhythm.moments(count, begin=begin, end=end, rng=rng)
    for event, moment in zip(_events(count, rng), moments, strict=True):
        yield _draft(event, moment, stage, rng)


def _events(count: int, rng: random.Random) -> list[Event]:
    known = CATALOG.events()
    chosen = rng.choices(
        known, [FREQUENT.get(event.code, 1) for event in known], k=max(0, count - len(known))
    )
    chosen += rng.sample(known, min(count, len(known)))
    rng.shuffle(chosen)
    return chosen


def _draft(event: Event, moment: datetime, stage: Stage, rng: random.Random) -> Draft:
    someone = _actor(event, stage.cast, rng)
    workspace = None
    if event.area.code not in WITHOUT_WORKSPACE:
        # The first workspace is the busiest.
        workspace = stage.workspaces[int(rng.random() ** 2 * len(stage.workspaces))]
    parameters = _parameters(event, moment, stage.cast, rng)
    if "workspace_name" in parameters and workspace is not None:
        parameters["workspace_name"] = workspace.name
    details, outcome = sentences.details(event.code, parameters), _outcome(event, rng)
    if outcome == "failure" and event.code not in FAILING:
        details = rng.choice(sentences.FAILURES)
    return Draft(
        event=event,
        actor=someone.actor,
        workspace=workspace,
        parameters=parameters,
        details=details,
        target=_target(parameters, rng),
        outcome=outcome,
        context=someone.context(rng),
        occurred_at=moment,
    )


def _outcome(event: Event, rng: random.Random) -> Outcome:
    failed = event.code in FAILING or (event.area.code not in SURE and rng.random() < SHARE_OF_FAILURES)
    return "failure" if failed else "success"


def _actor(event: Event, cast: Cast, rng: random.Random) -> Someone:
    name = event.code.partition(".")[2]
    if name in BY_ITSELF or name in BY_THE_CLOCK:
        return Someone(SYSTEM if name in BY_ITSELF else SCHEDULER)
    if event.area.code not in ONLY_PEOPLE and rng.random() < SHARE_OF_ACCOUNTS:
        return rng.choice(cast.accounts)
    if event.area.code in ONLY_PEOPLE:
        return _busy(cast.people, rng)
    return _busy([someone for someone in cast.people if not someone.only_reads], rng)


def _busy(people: Sequence[Someone], rng: random.Random) -> Someone:
    return people[int(rng.random() ** 1.6 * len(people))]


def _parameters(event: Event, moment: datetime, cast: Cast, rng: random.Random) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for key in event.parameters:
        told[key] = _people(key, cast, rng) if key in PEOPLE_KEYS else values.value_of(key, rng)
    if "url" in told:
        told["destination_type"], told["url"] = rng.choice(values.DESTINATIONS)
    if told.get("result") == "failure":
        told["failed_phase"] = rng.choice(("dns", "tls", "authentication"))
    if "held_since" in told:
        told["held_since"] = timestamp(moment - rng.randint(3, 240) * rhythm.HOUR / 60)
    if event.code == "users.sign_in_failed":
        told["reason"] = "wrong password"
    if event.code.startswith("workspace_management.workspace"):
        told = {key: f"{value} 2025" if key == "previous_name" else value for key, value in told.items()}
        told["workspace_name"] = rng.choice(("Sandbox", "Red team", "Migration 2026"))
    return told


def _people(key: str, cast: Cast, rng: random.Random) -> str | list[str]:
    if key in {"approvers", "shared_with"}:
        return rng.sample(cast.addresses, rng.choice((1, 2, 3)))
    return rng.choice(cast.addresses)


def _target(parameters: dict[str, Any], rng: random.Random) -> Target | None:
    for key, kind in TARGETS.items():
        if key in parameters:
            name = str(parameters[key])
            return Target(type=kind, id=str(UUID(int=rng.getrandbits(128), version=4)), name=name)
    return None
