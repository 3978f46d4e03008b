"""The demo's intake as a process of its own, behind a wire: what arrived there is the truth of a run."""

from __future__ import annotations

import re
import socket
from typing import Any

import requests

from auditsite.demo.intake import HTTP_BEARER, KINDS
from bench.faults.wire import Wire
from tests.journeys.product import Product, until

FLAVOURS = ("expired", "wrong_name")
Arrived = tuple[int, str]
"""Sequence and id of an entry."""


class Receiver:
    """One intake with a wire before it. `name` is that of its process; the data folder, CA and tokens are shared."""

    def __init__(self, product: Product, name: str) -> None:
        self.port = _free_port()
        self.also = {flavour: _free_port() for flavour in FLAVOURS}
        self._log = product.folder / f"{name}.log"
        self._ca = product.environment["AUDITSITE_OUTBOUND_CA"]
        product.start_intake(name, port=self.port, also=self.also)
        until(lambda: "ca=" in self._text(), f"{name} answers")
        self.tokens: dict[str, str] = dict(re.findall(r"(\w+)=(\S+)", self._text()))
        self.wire = Wire(self.port)

    def url(self, kind: str) -> str:
        """The address for a stream, over the wire."""
        return f"https://127.0.0.1:{self.wire.port}" + ("/ingest" if kind == HTTP_BEARER else "")

    def behave(
        self, behaviour: dict[str, Any], *, times: int | None = None, kinds: tuple[str, ...] = KINDS
    ) -> None:
        """Misbehave for the next `times` requests of each kind, or until healed."""
        for kind in kinds:
            self.tell("behave", kind=kind, behaviour=behaviour, times=times)

    def tell(self, what: str, **order: Any) -> None:
        answer = requests.post(f"{self._address}/{what}", json=order, verify=self._ca, timeout=30)
        answer.raise_for_status()

    def ask(self, what: str, **query: str | int) -> dict[str, Any]:
        answer = requests.get(f"{self._address}/{what}", params=query, verify=self._ca, timeout=30)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def arrivals(self, kind: str) -> list[Arrived]:
        """All entries in the order of their first arrival."""
        found: list[Arrived] = []
        since = 0
        while True:
            page = self.ask("received", kind=kind, since=since, brief=1)
            if not page["received"]:
                return found
            found += [(entry["sequence"], entry["id"]) for entry in page["received"]]
            since = page["next"]

    def again(self, kind: str) -> list[str]:
        """Ids that came again, once for each time."""
        ids: list[str] = self.ask("duplicates", kind=kind)["duplicates"]
        return ids

    def heal(self) -> None:
        """As at the start, but for what arrived."""
        self.wire.target = self.port
        self.wire.open()
        self.tell("heal")
        self.tell("rules", hec_acknowledge=False, hec_ack_delay=0.0, gzip=True)
        self.tell("tokens", **{kind: self.tokens[kind] for kind in KINDS})

    @property
    def _address(self) -> str:
        return f"https://127.0.0.1:{self.port}/_control"

    def _text(self) -> str:
        return self._log.read_text() if self._log.exists() else ""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
