"""The product as real processes on servers that a fault may kill, with fresh tenants for each run."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import django
import requests

from auditsite import embedded
from auditsite.demo.intake import KINDS
from bench.faults.receiver import Receiver
from bench.ground import SECRETS
from tests.journeys.product import Product, running, until

if TYPE_CHECKING:
    from audit.models import Tenant

WORKERS = ("worker", "worker-2")


@dataclass
class Customer:
    """A tenant with one stream. `base`: where its requests to the product go."""

    slug: str
    kind: str
    tenant_id: UUID
    stream_id: UUID
    key: str
    base: str

    def post(self, entries: list[dict[str, Any]]) -> requests.Response:
        """Record entries, as a producer does."""
        return requests.post(f"{self.base}/api/v1/entries", json=entries, headers=self._headers, timeout=60)

    def health(self) -> dict[str, Any] | None:
        """What the product says of the stream; None while it says nothing."""
        try:
            answer = requests.get(f"{self.base}/api/v1/streams", headers=self._headers, timeout=20)
            answer.raise_for_status()
            told: dict[str, Any] = answer.json()["streams"][0]
        except (requests.RequestException, ValueError, LookupError):
            return None
        return told

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


@dataclass
class Ground:
    """Everything that runs."""

    product: Product
    servers: embedded.Servers
    receivers: list[Receiver] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    """Processes that ended by themselves, and were started again."""

    def customers(self, name: str, receiver: Receiver) -> list[Customer]:
        """Three new tenants, each with a stream of another kind to `receiver`, enabled."""
        return [self._customer(f"{name}-{kind.replace('_', '-')}", kind, receiver) for kind in KINDS]

    def save(self, customer: Customer, receiver: Receiver, *, enabled: bool = True, token: str = "") -> None:
        """Save the stream's settings, as its admin does; `token` where a new one is entered."""
        from streaming.configuring import Change, Settings, save_settings  # noqa: PLC0415 - not before setup
        from streaming.encryption import Secret  # noqa: PLC0415

        wanted = Settings(
            enabled=enabled,
            destination_kind=customer.kind,
            url=receiver.url(customer.kind),
            token=Secret(token) if token else None,
        )
        save_settings(tenant=_tenant(customer), settings=wanted, change=Change(_operator()), now=_now())

    def kill_server(self, name: str, number: signal.Signals) -> None:
        """End PostgreSQL or Redis by a signal: SIGQUIT is PostgreSQL's immediate stop, SIGINT its fast one."""
        process = self.servers._running[name].process  # noqa: SLF001 - a crash is nobody's public method
        process.send_signal(number)
        process.wait(60)

    def revive(self) -> None:
        self.servers.revive()

    def restart(self, name: str) -> None:
        """Start a process that was killed, whatever state it is in."""
        if name in self.product.processes:
            self.product.kill(name)
        self.product.start(name)

    def in_order(self) -> None:
        """All servers and processes run again, as at the start."""
        self.servers.revive()
        for name in ("web", "beat", *WORKERS):
            process = self.product.processes.get(name)
            if process is None or process.poll() is not None:
                self.product.processes.pop(name, None)
                self.product.start(name)
        until(self._ready, "the product is ready", seconds=120)

    def supervise(self, over: threading.Event) -> None:
        """Start again what ends by itself, as whatever supervises processes at a real installation does."""
        dead: dict[str, object] = {}
        while not over.wait(0.7):
            for name, process in list(self.product.processes.items()):
                # Seen dead twice: a fault that kills takes it out of the list at once.
                if process.poll() is None or dead.get(name) is not process:
                    dead[name] = process if process.poll() is not None else None
                elif self.product.processes.get(name) is process:
                    self.ended.append(name)
                    self.product.start(name)

    def _ready(self) -> bool:
        try:
            return requests.get(f"{self.product.address}/readyz", timeout=20).status_code == 200
        except requests.RequestException:
            return False

    def _customer(self, slug: str, kind: str, receiver: Receiver) -> Customer:
        from audit import keys, people  # noqa: PLC0415 - not before setup
        from audit.models import Scope  # noqa: PLC0415

        tenant = people.create_tenant(slug=slug, name=slug)
        _, key = keys.make_key(
            tenant=tenant, name="platform", scopes=[Scope.INGEST, Scope.READ], now=_now(), actor=_operator()
        )
        customer = Customer(slug, kind, tenant.pk, tenant.pk, key, self.product.address)
        self.save(customer, receiver, token=receiver.tokens[kind])
        customer.stream_id = tenant.streams.get().pk
        return customer


@contextmanager
def ground(folder: Path, *, lanes: int) -> Iterator[Ground]:
    """Servers, web, two workers, beat, and an intake for each lane; all of it ends with this."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    for given in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(given, None)
    servers = embedded.start(folder, durable=True)
    try:
        os.environ.update(SECRETS)
        with running(folder, database_url=servers.database_url, redis_url=servers.redis_url) as product:
            _set_up(product.environment)
            found = Ground(product, servers)
            product.start(WORKERS[1])
            found.receivers = [Receiver(product, f"intake-{lane + 2}") for lane in range(lanes)]
            found.in_order()
            over = threading.Event()
            supervisor = threading.Thread(target=found.supervise, args=(over,), daemon=True)
            supervisor.start()
            try:
                yield found
            finally:
                over.set()
                supervisor.join()
    finally:
        servers.stop()


def _set_up(environment: Mapping[str, str]) -> None:
    """Django in this process, for what people do in pages: the same code, without a browser."""
    os.environ.update(environment)
    os.environ["DJANGO_SETTINGS_MODULE"] = "auditsite.settings"
    django.setup()


def _tenant(customer: Customer) -> Tenant:
    from django.db import close_old_connections  # noqa: PLC0415 - not before setup

    from audit.models import Tenant  # noqa: PLC0415

    # The server may have been restarted since.
    close_old_connections()
    return Tenant.objects.get(pk=customer.tenant_id)


def _operator() -> Any:
    from audit.management.base import OPERATOR  # noqa: PLC0415 - not before setup

    return OPERATOR


def _now() -> datetime:
    from django.utils import timezone  # noqa: PLC0415 - not before setup

    return timezone.now()
