"""Random questions to a random log: in an address, typed into the search, on the page, in the API and in an export.

All have to give what a filter written in a few lines of Python gives. `AUDITSITE_RANDOM_QUERIES=5000` asks more
questions, each of them in two spellings.
"""

from __future__ import annotations

import json
import os
import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import transaction
from django.http import QueryDict
from django.test import Client

from audit import grammar, queries, recording
from audit.drafts import Context, Target
from audit.filters import filtered
from audit.filters.options import RANGES
from audit.models import AuditEntry, Person, Tenant, Workspace
from audit.narrowing import narrowed
from tests.audit.api.caller import ENTRIES, Caller, answered, caller
from tests.audit.filters.plainly import Asked, Entry, has_text, rule, spoken, tokens
from tests.audit.views.reading import LOG, LogPage
from tests.entries import NOON, draft, place

SPAN = timedelta(days=100)
EACH = int(os.environ.get("AUDITSITE_RANDOM_QUERIES", "1000")) // 4
EVERYWHERE = 25
"""Every so many questions are asked through all doors; the others of the filters alone."""

EVENTS = [
    "workflows.workflow_published", "cases.case_shared", "users.user_logged_in", "tables.field_created",
    "case_related_tables.field_created", "tenant_admin_settings.saml_settings_updated",
]  # fmt: skip
PEOPLE = ["ana@acme.example", "bob.smith@acme.example", "svc deploy", "backup", "über@acme.example"]
WORDS = [
    "triage",
    "Phishing",
    "phish",
    "version",
    "7",
    "Zürich",
    "north-east",
    "a_b",
    "TRUE",
    "10:15",
    "C:\\x",
]
VALUES: list[Any] = ["7", 7, True, "true", None, 2.5, "phish", ["phish"], {"deep": "7"}, 'Phishing "triage"']
IPS = ["203.0.113.7", "203.0.113.200", "198.51.100.1", "2001:db8::7", None]
TARGETS = [
    None, Target("case", id="C-12", name="Phishing in Zürich"), Target("case", id="C-13"),
    Target("workflow", name="case"),
]  # fmt: skip
OFFERED: dict[str, list[str]] = {
    "category": ["setting_updates", "system_configuration", "user_actions"],
    "area": ["workflows", "cases", "tables", "users"],
    "action": EVENTS,
    "workspace": ["soc", "lab", "none"],
    "by": [*PEOPLE, "nobody@acme.example"],
    "outcome": ["success", "failure", "unknown"],
    "actor_type": ["user", "service_account", "system"],
    "target": ["case", "C-12", "Phishing in Zürich", "dashboard"],
    "p.version": ["7", "true", "null", "2.5", "phish", 'Phishing "triage"', "none"],
    "p.flag": ["7", "phish"],
    "ip": ["203.0.113.0/25", "203.0.113.200", "2001:db8::/32", "198.51.100.0/24"],
}
TEXTS = [*WORDS, "ACME", "workflow", "zür", "backup", "ana@acme", "C-12", "zzz", "https://a.example/x"]
PHRASES = [
    "workflow published",
    "Phishing triage",
    "triage phishing",
    "in Zürich",
    "phish",
    "version 7",
    "acme",
]


@dataclass(frozen=True)
class Question:
    """Conditions by name, texts anywhere, and texts in the details."""

    conditions: list[tuple[str, str]]
    texts: list[Asked]
    details: list[Asked]

    @property
    def address(self) -> str:
        texts = [("q", self.texts), ("details", self.details)]
        return urlencode([*self.conditions, *((name, _typed(asked)) for name, asked in texts if asked)])

    def search(self, dice: random.Random) -> str:
        """All of it, as somebody types it into the search, in any order."""
        pairs = [*self.conditions, *([("details", _typed(self.details))] if self.details else [])]
        parts = [_condition(name, value) for name, value in pairs] + [asked.typed for asked in self.texts]
        return " ".join(dice.sample(parts, len(parts)))

    def expected(self, entries: list[Entry], places: dict[str, str]) -> list[int]:
        """The sequences of what it asks for, in the order of the entries."""
        rules = [rule(name, values, places) for name, values in QueryDict(urlencode(self.conditions)).lists()]
        return [
            entry.sequence
            for entry in entries
            if all(holds(entry) for holds in rules)
            and has_text(spoken(entry), self.texts)
            and has_text(tokens(entry.details), self.details)
        ]


def _typed(asked: list[Asked]) -> str:
    return " ".join(one.typed for one in asked)


def _condition(name: str, value: str) -> str:
    minus, name = ("-", name[4:]) if name.startswith("not.") else ("", name)
    plain = value.replace(" ", "").replace('"', "") == value
    return f"{minus}{name}:{value if plain else grammar.quoted(value)}"


def random_log(tenant: Tenant, places: list[Workspace], dice: random.Random, *, size: int) -> list[Entry]:
    drafts = [
        draft(
            dice.choice(EVENTS),
            by=dice.choice(PEOPLE),
            workspace=place(chosen) if (chosen := dice.choice([None, *places])) else None,
            details=" ".join(dice.sample(WORDS, dice.randint(0, 3))),
            parameters={key: dice.choice(VALUES) for key in dice.sample(["version", "name", "flag"], 2)},
            target=dice.choice(TARGETS),
            outcome=dice.choice(["success", "failure", "unknown"]),
            context=Context(ip=dice.choice(IPS)),
            occurred_at=NOON - SPAN * dice.random() / dice.choice([1, 10, 1000]),
        )
        for _ in range(size)
    ]
    recording.record_many(tenant=tenant, drafts=drafts, now=NOON)
    return list(AuditEntry.objects.of(tenant))


def random_question(dice: random.Random, entries: list[Entry]) -> Question:
    entry = dice.choice(entries)
    times = {"from": f"{entry.occurred_at:%Y-%m-%dT%H:%M}", "to": f"{entry.occurred_at:%Y-%m-%dT%H:%M}"}
    times["range"] = dice.choice(list(RANGES))
    offered = {**OFFERED, "id": [str(entry.pk)]}
    conditions = []
    for name in dice.sample(list(offered), dice.choice([0, 1, 1, 2, 3])):
        turned = "not." if dice.random() < 0.4 else ""
        some = dice.sample(offered[name], min(len(offered[name]), dice.randint(1, 2)))
        conditions += [(turned + name, value) for value in some]
    if dice.random() < 0.25:
        name = dice.choice(list(times))
        conditions.append((name, times[name]))
    texts = _random_texts(dice, dice.choice([0, 0, 1, 2]))
    return Question(conditions, texts, _random_texts(dice, dice.choice([0, 0, 0, 1])))


def _random_texts(dice: random.Random, count: int) -> list[Asked]:
    kinds = [dice.choice(["word", "word", "pre*", "phrase"]) for _ in range(count)]
    return [
        Asked(dice.choice(PHRASES if kind == "phrase" else TEXTS), kind, without=dice.random() < 0.3)
        for kind in kinds
    ]


@dataclass(frozen=True)
class Doors:
    """All ways to ask the log of acme; each gives the sequences of what it found, newest first."""

    tenant: Tenant
    browser: Client
    service: Caller

    def filters(self, address: str) -> list[int]:
        # Within what the log spans: else most of the time goes into planning for empty months.
        spanned = queries.readable(self.tenant).filter(occurred_at__range=(NOON - SPAN, NOON))
        entries = filtered(spanned, QueryDict(address), tenant=self.tenant, now=NOON)
        found, soon = (
            list(some.order_by(*queries.NEWEST_FIRST).values_list("sequence", flat=True))
            for some in (entries, narrowed(entries))
        )
        assert found == soon
        return found

    def page(self, address: str) -> list[int]:
        response = self.browser.get(f"{LOG}?{address}", follow=True)
        assert response.status_code == 200
        shown = LogPage(response.content.decode())
        assert "cannot be used" not in shown.html
        sequences = {str(key): number for key, number in AuditEntry.objects.values_list("pk", "sequence")}
        return [sequences[key] for key in shown.entries]

    def api(self, address: str) -> list[int]:
        answer = answered(self.service.get(f"{ENTRIES}?{address}&limit=1000"))
        return [entry["sequence"] for entry in answer["entries"]]

    def export(self, address: str) -> list[int]:
        with transaction.atomic():  # an export leaves an entry, which the next question is not to find
            form = {"format": "ndjson", **dict(QueryDict(address).lists())}
            file = self.browser.post(f"{LOG}export/", form).getvalue()
            transaction.set_rollback(True)
        return [json.loads(line)["sequence"] for line in file.splitlines()]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_all_doors_give_what_a_plain_reading_of_the_question_gives(
    acme: Tenant, soc: Workspace, lab: Workspace, ana: Person, client: Client, seed: int
) -> None:
    dice = random.Random(seed)
    with time_machine.travel(NOON, tick=False):
        client.force_login(ana)
        doors = Doors(acme, client, caller(acme))
    entries = random_log(acme, [soc, lab], dice, size=300)
    entries.sort(key=lambda e: (e.occurred_at, e.sequence), reverse=True)
    places = {"soc": str(soc.pk), "lab": str(lab.pk)}
    hits = 0

    for number in range(EACH):
        question = random_question(dice, entries)
        typed = urlencode({"q": question.search(dice)})
        expected = question.expected(entries, places)

        assert doors.filters(question.address) == expected, question
        assert doors.filters(typed) == expected, typed
        if number % EVERYWHERE == 0:
            with time_machine.travel(NOON, tick=False):
                assert doors.page(typed) == doors.page(question.address) == expected[:50], question
                assert doors.api(typed) == doors.api(question.address) == expected, question
                assert doors.export(typed) == doors.export(question.address) == expected, question
        hits += bool(expected)
    assert hits > EACH / 3, "questions that find nothing prove little"
