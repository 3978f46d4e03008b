"""The intake as its users hold it: start it, point a stream at it, make it misbehave, see what arrived."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Protocol as StructuralType

from auditsite.demo.intake.authority import Authority, Flavour
from auditsite.demo.intake.behaviour import NORMAL, Behaviour, Script
from auditsite.demo.intake.connection import Service
from auditsite.demo.intake.control import Control
from auditsite.demo.intake.elasticsearch import Elasticsearch
from auditsite.demo.intake.exchange import Answer, Request, html_answer
from auditsite.demo.intake.http_bearer import PATH as INGEST
from auditsite.demo.intake.http_bearer import HttpBearer
from auditsite.demo.intake.kinds import ELASTICSEARCH, HTTP_BEARER, KINDS, SPLUNK_HEC
from auditsite.demo.intake.ledger import Arrival, Counts, Entry, Ledger, Seen
from auditsite.demo.intake.listener import Listener
from auditsite.demo.intake.page import STYLE, STYLE_PATH, render_page
from auditsite.demo.intake.rules import Rules
from auditsite.demo.intake.splunk_hec import PREFIX, SplunkHec, code_answer
from auditsite.demo.intake.tokens import Tokens, load_tokens

CONTROL = "control"
PAGE = "page"


class Protocol(StructuralType):
    """What each of the three does with a request."""

    def answer(self, request: Request, behaviour: Behaviour) -> Answer: ...


class Intake:
    """Three protocols on one port of `host`, and the same on each port of `also_on`.

    `data_dir` keeps the CA, the certificates and the tokens. `port` 0 takes a free one. `keep` is how many entries
    and requests of each kind stay in memory in full; None keeps everything.
    """

    def __init__(  # noqa: PLR0913  # by keyword only, and all but two have a default
        self,
        *,
        data_dir: Path,
        now: datetime,
        host: str = "127.0.0.1",
        port: int = 0,
        tokens: Tokens | None = None,
        rules: Rules | None = None,
        keep: int | None = None,
        flavour: Flavour = Flavour.GOOD,
    ) -> None:
        self.tokens = tokens or load_tokens(data_dir)
        self.ledger = Ledger(keep)
        self._authority = Authority(data_dir, now)
        self._host = host
        self._script = Script()
        self.rules = rules or Rules()
        self._splunk = SplunkHec(self.tokens.splunk_hec, self.rules, self.ledger)
        self._http = HttpBearer(self.tokens.http_bearer, self.rules, self.ledger)
        self._elastic = Elasticsearch(self.tokens, self.rules, self.ledger)
        protocols: tuple[Protocol, ...] = (self._splunk, self._http, self._elastic)
        self._protocols = dict(zip(KINDS, protocols, strict=True))
        self._control = Control(ledger=self.ledger, script=self._script, change=self.change)
        self._started = False
        self._stopping = Event()
        self._service = Service(
            choose=self._choose, answer=self._answer, saw=self._saw, stopping=self._stopping
        )
        self._listeners = [self._listen(flavour, port)]

    @property
    def ca_file(self) -> Path:
        """The CA's certificate, to be trusted by whoever shall reach this intake."""
        return self._authority.ca_file

    @property
    def port(self) -> int:
        return self._listeners[0].port

    @property
    def base_url(self) -> str:
        return self._url_of(self._listeners[0])

    def start(self) -> None:
        self._started = True
        for listener in self._listeners:
            listener.start()

    def stop(self) -> None:
        self._stopping.set()
        for listener in self._listeners:
            listener.stop()

    def also_on(self, flavour: Flavour, port: int = 0) -> str:
        """Serve on one more port, and return its base address."""
        listener = self._listen(flavour, port)
        self._listeners.append(listener)
        if self._started:
            listener.start()
        return self._url_of(listener)

    def url(self, kind: str, base: str | None = None) -> str:
        """What belongs into the settings form for this kind; `base` is what `also_on` gave."""
        base = base or self.base_url
        return f"{base}{INGEST}" if kind == HTTP_BEARER else base

    def token(self, kind: str) -> str:
        """What belongs into the settings form's token field for this kind."""
        return self.tokens.for_kind(kind)

    def behave(self, kind: str, behaviour: Behaviour, *, times: int | None = None) -> None:
        """Misbehave on `kind` (or EVERY) for the next `times` requests, after what is queued; None: until changed."""
        self._script.add(kind, behaviour, times)

    def heal(self) -> None:
        """Behave well again, everywhere, at once."""
        self._script.clear()

    def change(self, what: str, values: Mapping[str, object]) -> None:
        """Allow something else from now on: `what` is rules or tokens. ValueError says what is wrong with the values.

        Requests under way go on by what was allowed when they came. What is changed is not kept on disk.
        """
        if what == "rules":
            self.rules = self.rules.changed(values)
            self._splunk.rules = self._http.rules = self._elastic.rules = self.rules
        else:
            self.tokens = self.tokens.changed(values)
            self._splunk.token, self._http.token = self.tokens.splunk_hec, self.tokens.http_bearer
            self._elastic.tokens = self.tokens

    def received(self, kind: str, *, since: int = 0) -> list[Arrival]:
        """Entries in the order of their first arrival, numbered from 1; those after number `since`."""
        return self.ledger.arrivals(kind, since)

    def duplicates(self, kind: str) -> list[str]:
        """Ids that came again, once for each time."""
        return self.ledger.duplicates(kind)

    def tests(self, kind: str) -> list[Entry]:
        """Marked test events, which are kept apart."""
        return self.ledger.tests(kind)

    def counts(self, kind: str) -> Counts:
        return self.ledger.counts()[kind]

    @property
    def requests(self) -> list[Seen]:
        """Every request to one of the protocols, in order; the page and the control endpoint are left out."""
        return self.ledger.requests()

    @property
    def faults(self) -> list[str]:
        """Tracebacks of what went wrong in the intake itself, for tests to find empty."""
        return [fault for listener in self._listeners for fault in listener.faults]

    def forget(self) -> None:
        """As if nothing had ever come. Behaviours stay."""
        self.ledger.forget()

    def _listen(self, flavour: Flavour, port: int) -> Listener:
        return Listener(
            host=self._host, port=port, context=self._authority.context(flavour), service=self._service
        )

    def _url_of(self, listener: Listener) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{listener.scheme}://{host}:{listener.port}"

    def _choose(self, request: Request) -> Behaviour:
        kind = kind_of(request)
        return NORMAL if kind in {CONTROL, PAGE} else self._script.next_for(kind, request.path)

    def _answer(self, request: Request, behaviour: Behaviour) -> Answer:
        kind = kind_of(request)
        if kind == CONTROL:
            return self._control.answer(request)
        if kind == PAGE:
            return _page_answer(request, self.ledger)
        if not self.rules.gzip and request.header("Content-Encoding").lower() == "gzip":
            return html_answer(415, "<html><body><h1>415 Unsupported Media Type</h1></body></html>")
        fixed = behaviour.fixed_answer()
        if fixed is None and behaviour.hec_code is not None:
            fixed = code_answer(behaviour.hec_code)
        if fixed is not None and not behaviour.take:
            return fixed
        answer = self._protocols[kind].answer(request, behaviour)
        return fixed or answer

    def _saw(self, request: Request, status: int | None) -> None:
        kind = kind_of(request)
        if kind in {CONTROL, PAGE}:
            return
        self.ledger.saw(
            Seen(
                kind=kind,
                method=request.method,
                path=request.path,
                headers={str(name): str(value) for name, value in request.headers.items()},
                body_size=len(request.body),
                status=status,
                at=request.at,
            )
        )


def kind_of(request: Request) -> str:
    """Whom a request is for. What nobody claims is Elasticsearch's, which owns the whole of its host."""
    path = request.path
    if path.startswith("/_control/"):
        return CONTROL
    if request.method in {"GET", "HEAD"} and (
        path == STYLE_PATH or (path == "/" and "text/html" in request.header("Accept"))
    ):
        return PAGE
    if PREFIX in path:
        return SPLUNK_HEC
    return HTTP_BEARER if path.rstrip("/").endswith(INGEST) else ELASTICSEARCH


def _page_answer(request: Request, ledger: Ledger) -> Answer:
    if request.path == STYLE_PATH:
        return Answer(status=200, body=STYLE, headers=(("Content-Type", "text/css; charset=utf-8"),))
    policy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'"
    headers = (("Content-Security-Policy", policy), ("Cache-Control", "no-store"))
    return html_answer(200, render_page(ledger), headers=headers)
