"""What is asked of a filled log: each filter by itself and every pair, with values as the log has them."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from datetime import datetime, timedelta

from audit.models import AuditEntry, Tenant

Parameters = dict[str, list[str]]

VALUES: dict[str, Callable[[AuditEntry], Parameters]] = {
    "category": lambda entry: {"category": [entry.category]},
    "area": lambda entry: {"area": [entry.area]},
    "action": lambda entry: {"action": [entry.event]},
    "workspace": lambda entry: {"workspace": [str(entry.workspace_id or "none")]},
    "by": lambda entry: {"by": [entry.done_by]},
    "outcome": lambda entry: {"outcome": [entry.outcome]},
    "actor_type": lambda entry: {"actor_type": [entry.actor_type]},
    "ip": lambda entry: {"ip": [entry.ip or "10.0.7.1"]},
    "target": lambda entry: {"target": [(entry.target or {}).get("id") or "wf-0"]},
    "details": lambda entry: {"details": [_word(entry.details)]},
    "q rare": lambda entry: {"q": [entry.parameters.get("reference", "ref1")]},
    "q common": lambda _: {"q": ["approved"]},
    "p.reference": lambda entry: {"p.reference": [entry.parameters.get("reference", "ref1")]},
    "range": lambda _: {"range": ["30d"]},
}
"""A filter, set to what an entry has."""
SEVERAL = "3 actions"


class Sample:
    """Entries of one tenant, of all its time, from which values are drawn."""

    def __init__(self, tenant: Tenant, rng: random.Random, *, size: int = 200) -> None:
        self.tenant, self.rng = tenant, rng
        entries = AuditEntry.objects.of(tenant)
        last = entries.order_by("-sequence").values_list("sequence", flat=True)[0]
        chosen = rng.sample(range(1, last + 1), min(size, last))
        self.entries = list(entries.filter(sequence__in=chosen).defer("body", "salt", "leaf_hash", "search"))
        self.end: datetime = entries.order_by("-occurred_at").values_list("occurred_at", flat=True)[0]

    def one(self) -> AuditEntry:
        return self.rng.choice(self.entries)

    def asked(self, names: tuple[str, ...]) -> Parameters:
        """Values for these filters: half the time those of one entry, so that something is found, else of several."""
        shared = self.one() if self.rng.random() < 0.5 else None
        found: Parameters = {}
        for name in names:
            if name == SEVERAL:
                some = [(shared or self.one()).event, self.one().event, self.one().event]
                found |= {"action": list(dict.fromkeys(some))}
            else:
                found |= VALUES[name](shared or self.one())
        return found

    def deep(self) -> datetime:
        """A moment fifteen months before the newest entry."""
        return self.end - timedelta(days=455, minutes=self.rng.random() * 10_000)


def single() -> list[tuple[str, ...]]:
    return [(), *((name,) for name in [*VALUES, SEVERAL])]


def pairs() -> list[tuple[str, ...]]:
    """Every two filters that can stand beside each other."""
    both = itertools.combinations([*VALUES, SEVERAL], 2)
    return [pair for pair in both if pair not in {("action", SEVERAL), ("q rare", "q common")}]


def limit_of(names: tuple[str, ...]) -> float:
    """Milliseconds at the 95th percentile: 25, and 50 where words are searched."""
    return 50.0 if set(names) & {"q rare", "q common", "details"} else 25.0


def _word(text: str) -> str:
    """The longest; where an entry has no details, one that some have."""
    words = [word for word in text.split() if word.isalpha()]
    return max(words, key=len, default="phishing")
