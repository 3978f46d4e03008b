"""Who appears in the demonstration: people, service accounts and the system, and where they sit."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_DNS, UUID, uuid5

from audit.callers import actor_of
from audit.drafts import Actor, Context
from audit.models import Membership, Role, Tenant

NAMES = (
    "Ada Łukasik", "Bao Nguyễn", "Chiamaka Obi", "Diego Fernández", "Elif Şahin", "Farid Haddad", "Greta Lindqvist",
    "Hannah Weiß", "Ines Carvalho", "Jonas Bäcker", "Kofi Mensah", "Lucía Ibáñez", "Mei-Ling Chen", "Nils Ødegård",
    "Olena Kovalenko", "Priya Raman", "Quentin Lefèvre", "Rūta Kazlauskienė", "Sanjay Patel", "田中 由美",
    "Ursula Krüger", "Viktor Petrov", "Wanjiru Kamau", "Yusuf Demir",
)  # fmt: skip
ACCOUNTS = ("deploy-bot", "github-actions", "terraform", "nightly-sync", "scim-provisioning", "case-importer")
SYSTEM = Actor(name="Auditsite", type="system")
SCHEDULER = Actor(name="Scheduler", type="system")
# Slug and name of what a tenant without workspaces is given.
WORKSPACES = (
    ("soc", "SOC"),
    ("quality-tokyo", "品質保証 Tokyo"),
    ("platform", "Platform Engineering"),
    ("fraud", "Fraud & Risk"),
    ("it-operations", "IT Operations"),
)
BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0",
)  # fmt: skip
PROGRAM = "auditsite-python/1.0"


@dataclass(frozen=True, slots=True)
class Someone:
    """An actor, and the network and program that they always come with; the system comes from nowhere."""

    actor: Actor
    ip: str | None = None
    user_agent: str | None = None
    only_reads: bool = False

    def context(self, rng: random.Random) -> Context | None:
        """Where this one request of theirs came from."""
        if self.ip is None:
            return None
        return Context(
            ip=self.ip, user_agent=self.user_agent, request_id=str(UUID(int=rng.getrandbits(128), version=4))
        )


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody who acts in one tenant; the first people are the busiest."""

    people: Sequence[Someone]
    accounts: Sequence[Someone]

    @property
    def addresses(self) -> list[str]:
        return [someone.actor.email for someone in self.people]


def cast_of(tenant: Tenant, rng: random.Random) -> Cast:
    """The tenant's own members first, then invented colleagues; addresses are those reserved for documentation."""
    members = Membership.objects.filter(tenant=tenant).select_related("person").order_by("person__email")
    real = [(actor_of(membership.person), membership.role != Role.ADMIN) for membership in members]
    known = {actor.email for actor, _ in real}
    colleagues = (_colleague(name, tenant.slug) for name in NAMES)
    invented = [(actor, False) for actor in colleagues if actor.email not in known]
    return Cast(
        people=[
            Someone(actor, _address(n), rng.choice(BROWSERS), only_reads)
            for n, (actor, only_reads) in enumerate(real + invented)
        ],
        accounts=[
            Someone(_account(name, tenant.slug), f"198.51.100.{10 + n}", PROGRAM)
            for n, name in enumerate(ACCOUNTS)
        ],
    )


def _colleague(name: str, slug: str) -> Actor:
    email = f"{name.lower().replace(' ', '.')}@{slug}.example"
    return Actor(email=email, name=name, id=str(uuid5(NAMESPACE_DNS, email)))


def _account(name: str, slug: str) -> Actor:
    return Actor(name=name, type="service_account", id=str(uuid5(NAMESPACE_DNS, f"{name}.{slug}.example")))


def _address(number: int) -> str:
    """Every fifth person comes over IPv6."""
    return (
        f"2001:db8:{number:x}::{number * 37 + 1:x}"
        if number % 5 == 4
        else f"203.0.113.{(number * 7) % 250 + 2}"
    )
