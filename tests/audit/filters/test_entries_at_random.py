"""Some hundred random addresses over some hundred random entries, against a filter written in a few lines of Python."""

from __future__ import annotations

import ipaddress
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import QueryDict

from audit import queries, recording
from audit.drafts import Context
from audit.filters import filtered
from audit.filters.options import RANGES
from audit.models import AuditEntry, Tenant, Workspace
from tests.entries import NOON, draft, place

EVENTS = [
    "workflows.workflow_published", "cases.case_shared", "users.user_logged_in", "tables.field_created",
    "case_related_tables.field_created", "tenant_admin_settings.saml_settings_updated",
]  # fmt: skip
PEOPLE = ["ana@acme.example", "bob.smith@acme.example", "backup", "über@acme.example"]
WORDS = ["triage", "Phishing", "phish", "version", "7", "Zürich", "north-east", "a_b", "TRUE"]
VALUES: list[Any] = ["7", 7, True, "true", None, 2.5, "phish", ["phish"], {"deep": "7"}, "Phishing triage"]
IPS = ["203.0.113.7", "203.0.113.200", "198.51.100.1", "2001:db8::7", None]
PUNCTUATION = str.maketrans(dict.fromkeys("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", " "))

Entry = AuditEntry
Rule = Callable[[Entry], bool]


def random_log(tenant: Tenant, places: list[Workspace], dice: random.Random, *, size: int) -> list[Entry]:
    drafts = [
        draft(
            dice.choice(EVENTS),
            by=dice.choice(PEOPLE),
            workspace=place(chosen) if (chosen := dice.choice([None, *places])) else None,
            details=" ".join(dice.sample(WORDS, dice.randint(0, 3))),
            parameters={key: dice.choice(VALUES) for key in dice.sample(["version", "name", "flag"], 2)},
            outcome=dice.choice(["success", "failure", "unknown"]),
            context=Context(ip=dice.choice(IPS)),
            occurred_at=NOON
            - timedelta(minutes=dice.randint(0, 60 * 24 * 100) // dice.choice([1, 10, 1000])),
        )
        for _ in range(size)
    ]
    recording.record_many(tenant=tenant, drafts=drafts, now=NOON)
    return list(AuditEntry.objects.of(tenant))


def tokens(text: str) -> list[str]:
    return text.translate(PUNCTUATION).lower().split()


def spoken(entry: Entry) -> list[str]:
    parts = [
        entry.action,
        entry.details,
        entry.done_by,
        entry.actor_name,
        entry.workspace_name,
        written(entry.parameters),
    ]
    return tokens(" ".join(parts))


def written(value: Any) -> str:
    """As JSON has it, for a filter by text."""
    if isinstance(value, dict):
        return " ".join(f"{key} {written(item)}" for key, item in value.items())
    if isinstance(value, list):
        return " ".join(map(written, value))
    return (
        {True: "true", False: "false", None: "null"}[value]
        if value is None or isinstance(value, bool)
        else str(value)
    )


def has_words(found: list[str], asked: str) -> bool:
    return all(any(token.startswith(word) for token in found) for word in tokens(asked))


def has_parameter(entry: Entry, key: str, asked: str) -> bool:
    if key not in entry.parameters or isinstance(entry.parameters[key], list | dict):
        return False
    return written(entry.parameters[key]) == asked


def rule(name: str, values: list[str], places: dict[str, str]) -> Rule:
    """What one name of an address means."""
    if name.startswith("not."):
        inner = rule(name.removeprefix("not."), values, places)
        return lambda e: not inner(e)
    if name.startswith("p."):
        return lambda e: any(has_parameter(e, name[2:], value) for value in values)
    rules: dict[str, Rule] = {
        "q": lambda e: has_words(spoken(e), values[0]),
        "details": lambda e: has_words(tokens(e.details), values[0]),
        "category": lambda e: e.category in values,
        "area": lambda e: e.area in values,
        "action": lambda e: e.event in values,
        "by": lambda e: e.done_by in values,
        "workspace": lambda e: (
            (str(e.workspace_id) if e.workspace_id else "none") in [places.get(v, v) for v in values]
        ),
        "outcome": lambda e: e.outcome in values,
        "actor_type": lambda e: e.actor_type in values,
        "range": lambda e: (
            values[0] == "all" or e.occurred_at >= NOON - (RANGES[values[0]][1] or timedelta())
        ),
        "from": lambda e: f"{e.occurred_at:%Y-%m-%dT%H:%M}" >= values[0],
        "to": lambda e: f"{e.occurred_at:%Y-%m-%dT%H:%M}" <= values[0],
        "ip": lambda e: (
            bool(e.ip) and any(ipaddress.ip_address(e.ip or "::") in ipaddress.ip_network(v) for v in values)
        ),
    }
    return rules[name]


def random_address(dice: random.Random, entries: list[Entry]) -> list[tuple[str, str]]:
    minute = f"{dice.choice(entries).occurred_at:%Y-%m-%dT%H:%M}"
    offered: dict[str, list[str]] = {
        "category": ["setting_updates", "system_configuration", "user_actions"],
        "area": ["workflows", "cases", "tables", "users"],
        "action": EVENTS,
        "workspace": ["soc", "lab", "none"],
        "by": [*PEOPLE, "nobody@acme.example"],
        "outcome": ["success", "failure", "unknown"],
        "actor_type": ["user", "service_account", "system"],
        "p.version": ["7", "true", "null", "2.5", "phish", "Phishing triage", "none"],
        "p.flag": ["7", "phish"],
        "ip": ["203.0.113.0/25", "203.0.113.200", "2001:db8::/32", "198.51.100.0/24"],
    }
    for name in ("category", "area", "action", "workspace", "by"):
        offered[f"not.{name}"] = offered[name]
    single = {
        "q": [*WORDS, "phish tri", "ACME", "workflow pub", "zür", "backup"],
        "details": WORDS,
        dice.choice(["range", "from", "to"]): [],
    }
    asked = []
    for name in dice.sample([*offered, *single], dice.randint(1, 4)):
        if name in offered:
            asked += [(name, value) for value in dice.sample(offered[name], dice.randint(1, 2))]
        else:
            asked.append((name, dice.choice(single[name] or (list(RANGES) if name == "range" else [minute]))))
    return asked


@pytest.mark.parametrize("seed", range(4))
def test_filters_find_what_a_plain_reading_of_the_address_finds(
    acme: Tenant, soc: Workspace, lab: Workspace, seed: int
) -> None:
    dice = random.Random(seed)
    entries = random_log(acme, [soc, lab], dice, size=300)
    places = {"soc": str(soc.pk), "lab": str(lab.pk)}
    hits = 0

    for _ in range(120):
        asked = random_address(dice, entries)
        query = QueryDict(urlencode(asked))
        rules = [rule(name, values, places) for name, values in query.lists()]
        expected = {e.sequence for e in entries if all(holds(e) for holds in rules)}

        found = filtered(queries.readable(acme), query, tenant=acme, now=NOON)

        assert set(found.values_list("sequence", flat=True)) == expected, asked
        hits += bool(expected)
    assert hits > 40, "addresses that find nothing prove little"
