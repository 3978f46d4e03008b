"""The intake driven from another process: `/_control/…`, JSON, from this machine only."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

import msgspec

from auditsite.demo.intake.behaviour import Behaviour, Script
from auditsite.demo.intake.exchange import Answer, Request
from auditsite.demo.intake.kinds import KINDS
from auditsite.demo.intake.ledger import Arrival, Ledger, Seen

Change = Callable[[str, Mapping[str, Any]], None]
"""`change("rules" | "tokens", values)`: have the intake allow something else; ValueError says what is wrong."""

PAGE_SIZE = 10_000
SECRET_HEADERS = frozenset({"authorization", "cookie"})


class _Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: str
    behaviour: Behaviour
    times: int | None = None


class Control:
    """`POST behave|heal|forget|rules|tokens` and `GET counts|received|duplicates|tests|requests`.

    `behave` takes `{"kind": "splunk_hec"|"http_bearer"|"elasticsearch"|"*", "behaviour": {…}, "times": 3|null}`.
    `received` takes `kind`, `since` (a number: only later ones), `limit`, and `brief=1` for no bodies; its `next` is
    the `since` of the following call. `rules` takes what of `Rules` shall be different from now on, `tokens` what of
    `Tokens`. Errors are 400 with `{"error": "…"}`.
    """

    def __init__(self, *, ledger: Ledger, script: Script, change: Change) -> None:
        self._ledger = ledger
        self._script = script
        self._change = change
        self._doors: dict[tuple[str, str], Callable[[Request], object]] = {
            ("POST", "behave"): self._behave,
            ("POST", "heal"): self._heal,
            ("POST", "forget"): self._forget,
            ("POST", "rules"): partial(self._changed, "rules"),
            ("POST", "tokens"): partial(self._changed, "tokens"),
            ("GET", "counts"): self._counts,
            ("GET", "received"): self._received,
            ("GET", "duplicates"): self._duplicates,
            ("GET", "tests"): self._tests,
            ("GET", "requests"): self._requests,
        }

    def answer(self, request: Request) -> Answer:
        if not ipaddress.ip_address(request.peer.partition("%")[0]).is_loopback:
            return _error(403, "the control endpoint is for this machine only")
        if request.method == "POST" and request.media_type != "application/json":
            # A web page can't send this type to another site without asking first.
            return _error(415, "send application/json")
        name = request.path.removeprefix("/_control/").rstrip("/")
        door = self._doors.get((request.method, name))
        if door is None:
            doors = ", ".join(f"{method} /_control/{each}" for method, each in self._doors)
            return _error(404, f"there is: {doors}")
        try:
            return _json(200, door(request))
        except ValueError as error:
            return _error(400, str(error))

    def _behave(self, request: Request) -> object:
        order = msgspec.json.decode(request.body, type=_Order)
        self._script.add(order.kind, order.behaviour, order.times)
        return {"ok": True}

    def _heal(self, _request: Request) -> object:
        self._script.clear()
        return {"ok": True}

    def _forget(self, _request: Request) -> object:
        self._ledger.forget()
        return {"ok": True}

    def _changed(self, what: str, request: Request) -> object:
        self._change(what, msgspec.json.decode(request.body, type=dict[str, Any]))
        return {"ok": True}

    def _counts(self, _request: Request) -> object:
        return {kind: asdict(counts) for kind, counts in self._ledger.counts().items()}

    def _received(self, request: Request) -> object:
        since = _number(request, "since", 0)
        limit = min(_number(request, "limit", PAGE_SIZE), PAGE_SIZE)
        arrivals = self._ledger.arrivals(_kind(request), since)[:limit]
        brief = request.query.get("brief") == "1"
        return {
            "received": [_arrival(arrival, brief=brief) for arrival in arrivals],
            "next": arrivals[-1].number if arrivals else since,
        }

    def _duplicates(self, request: Request) -> object:
        return {"duplicates": self._ledger.duplicates(_kind(request))}

    def _tests(self, request: Request) -> object:
        return {"tests": self._ledger.tests(_kind(request))}

    def _requests(self, request: Request) -> object:
        wanted = request.query.get("kind")
        seen = self._ledger.requests()
        return {"requests": [_seen(each) for each in seen if wanted in {None, each.kind}]}


def _kind(request: Request) -> str:
    kind = request.query.get("kind", "")
    if kind not in KINDS:
        raise ValueError(f"kind is one of {', '.join(KINDS)}")
    return kind


def _number(request: Request, name: str, default: int) -> int:
    text = request.query.get(name, str(default))
    if not text.isdecimal():
        raise ValueError(f"{name} is a whole number")
    return int(text)


def _arrival(arrival: Arrival, *, brief: bool) -> dict[str, Any]:
    content = asdict(arrival)
    if brief:
        del content["entry"], content["envelope"]
    return content


def _seen(seen: Seen) -> dict[str, Any]:
    headers = {name: "…" if name.lower() in SECRET_HEADERS else value for name, value in seen.headers.items()}
    return {**asdict(seen), "headers": headers}


def _json(status: int, content: object) -> Answer:
    return Answer(
        status=status, body=msgspec.json.encode(content), headers=(("Content-Type", "application/json"),)
    )


def _error(status: int, message: str) -> Answer:
    return _json(status, {"error": message})
