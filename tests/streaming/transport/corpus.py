"""The addresses that others got wrong: `tests/cases/ssrf_cases.tsv`."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parents[2] / "cases" / "ssrf_cases.tsv"


@dataclass(frozen=True)
class Case:
    id: str
    category: str
    url: str
    allowed: bool
    stage: str
    dns: dict[str, list[list[str] | str]]
    connect: str
    why: str

    def __str__(self) -> str:
        return f"{self.id} {self.why}"


def cases(*stages: str) -> list[Case]:
    """The cases that are decided at these stages; `-` are those that are allowed."""
    return [case for case in _all() if not stages or case.stage in stages]


def _all() -> Iterator[Case]:
    for line in FILE.read_text().splitlines()[2:]:
        columns = line.split("\t")
        number, category, url, expected, stage, dns, _, connect, why = columns[:9]
        yield Case(
            number, category, json.loads(url), expected == "allow", stage, json.loads(dns), connect, why
        )


class FakeDns:
    """Answers what the case says, one set after another; a name that it doesn't know does not exist."""

    def __init__(self, case: Case) -> None:
        self._sets = {host: list(sets) for host, sets in case.dns.items()}

    def __call__(self, host: str) -> list[str]:
        sets = self._sets.get(host)
        if sets is None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        answer = sets.pop(0) if len(sets) > 1 else sets[0]
        if isinstance(answer, str):
            time.sleep(0.7)
            return ["93.184.216.34"]
        return answer
