"""Canaries: secrets go through all that the product does, and are found nowhere but encrypted."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
import requests
from django.conf import settings

from streaming.wire.signing import new_secret
from tests.journeys import canaries
from tests.journeys.product import Product, running, server_url, tokens, until

KINDS = ("http_bearer", "splunk_hec", "elasticsearch")
PASSWORD = f"pass phrase {uuid4().hex}"
ANA, ROOT = "ana@acme.example", "root@platform.example"
# Their names come back, which shows that pages, tables and messages are read at all.
NAME = "the stream with canaries"

pytestmark = [pytest.mark.journey, pytest.mark.slow]


@pytest.mark.parametrize("around", [b"", b"x", b"xy", b'{"token": "'])
def test_a_secret_is_found_in_every_form_it_may_have_been_written_in(around: bytes) -> None:
    secret = f"s3cret-{uuid4()}"
    raw = around + secret.encode() + around[::-1]
    written = [
        raw.decode(),
        raw[::-1].decode(),
        raw.hex(),
        base64.b64encode(raw).decode(),
        base64.urlsafe_b64encode(raw).decode(),
        base64.b64encode(raw[::-1]).decode(),
        base64.b64encode(raw).hex() + secret[::-1],
    ]

    hits = canaries.found({"it": secret}, [(str(place), text) for place, text in enumerate(written)])

    assert hits == [f"it in {place}" for place in range(len(written))]
    assert canaries.found({"it": f"s3cret-{uuid4()}"}, [("", text) for text in written]) == []


class Journey:
    """One product with canaries in every place for secrets, and all that was ever answered."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.told: list[tuple[str, str]] = []
        self.test_ids: list[str] = []
        self.ana, self.root, self.service = (requests.Session() for _ in range(3))
        self.answers = [canaries.remember(session) for session in (self.ana, self.root, self.service)]
        self.manage("create_tenant", "acme", "--name", "Acme", "--admin", ANA)
        self.manage("createsuperuser", "--noinput", "--email", ROOT)
        scopes = ["--scope", "ingest", "--scope", "read"]
        key = product.manage("create_api_key", "--tenant", "acme", "--name", "platform", *scopes)
        self.service.headers["Authorization"] = f"Bearer {key}"
        self.secrets = {f"the token of {kind}": tokens(product)[kind] for kind in KINDS}
        self.secrets |= {"a wrong token": f"wr0ng-{uuid4()}", "the API key": key, "the password": PASSWORD}
        self.secrets["the signing secret"] = new_secret().removeprefix("whsec_")

    def manage(self, *arguments: str) -> str:
        """A command's output, remembered."""
        out = self.product.manage(*arguments)
        self.told.append((" ".join(arguments), out))
        return out

    def sign_in(self, session: requests.Session, email: str) -> None:
        values = {"login": email, "password": PASSWORD}
        answer = self.post(session, "/accounts/login/", values, form="/accounts/login/")
        assert "/accounts/login/" not in answer.url

    def post(
        self, session: requests.Session, path: str, values: dict[str, str], *, form: str
    ) -> requests.Response:
        page = session.get(self.product.address + form, timeout=60).text
        csrf = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert csrf is not None, form
        values = values | {"csrfmiddlewaretoken": csrf[1]}
        return session.post(self.product.address + path, data=values, timeout=60)

    def record(self, name: str) -> None:
        entry = {
            "event": "workflows.workflow_published",
            "actor": {"email": ANA},
            "parameters": {"workflow_name": name, "version": "1"},
        }
        answer = self.service.post(f"{self.product.address}/api/v1/entries", json=entry, timeout=60)
        assert answer.status_code == 201, answer.text

    def status(self, kind: str) -> dict[str, object]:
        streams = self.service.get(f"{self.product.address}/api/v1/streams", timeout=60).json()["streams"]
        [status] = [stream for stream in streams if stream["name"] == self.name(kind)]
        return dict(status)

    def name(self, kind: str) -> str:
        return NAME if kind == "http_bearer" else kind

    def has(self, kind: str, **values: object) -> bool:
        status = self.status(kind)
        return {name: status[name] for name in values} == values

    def until(self, kind: str, **values: object) -> None:
        until(partial(self.has, kind, **values), f"{kind}: {values}", seconds=90)


@pytest.fixture
def journey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Journey]:
    monkeypatch.setenv("AUDITSITE_PASSWORD", PASSWORD)
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    tmp_path.chmod(0o755)
    with running(tmp_path, database_url=server_url(), redis_url=settings.REDIS_URL) as product:
        yield Journey(product)


def test_no_secret_is_found_in_database_redis_logs_or_pages(journey: Journey) -> None:
    product = journey.product
    with canaries.overheard(product.environment["REDIS_URL"]) as heard:
        journey.sign_in(journey.ana, ANA)
        journey.sign_in(journey.root, ROOT)
        save_streams(journey)
        deliver(journey)
        try_connections(journey)
        fail(journey)
        hold(journey)
        everything_is_looked_at(journey)
    stored = [
        *canaries.tables(product.environment["DATABASE_URL"]),
        *canaries.keys(product.environment["REDIS_URL"]),
    ]
    answers = [*journey.told, *(told for said in journey.answers for told in said)]
    written = list(files(product))

    places = {"stored": stored, "messages": heard, "answers": answers, "written": written}
    assert {place: canaries.found(journey.secrets, texts) for place, texts in places.items()} == {
        place: [] for place in places
    }
    # It was looked where something is: what may be told is found by the same search.
    known = {"stored": NAME, "messages": journey.test_ids[0], "answers": NAME, "written": ROOT}
    for place, text in known.items():
        assert canaries.found({"what is known": text}, places[place]), place


def form_of(journey: Journey, kind: str, token: str) -> dict[str, str]:
    url = journey.product.intake + ("/ingest" if kind == "http_bearer" else "")
    values = {"enabled": "on", "name": NAME, "destination_kind": kind, "url": url, "token": token}
    return values | {
        "payload_format": "native",
        "framing": "array",
        "signing_secret": "whsec_" + journey.secrets["the signing secret"],
        "start_from": "beginning",
    }


def save_streams(journey: Journey) -> None:
    """One in the page's form, refused once and shown again; the others from a shell, where their tokens are files."""
    values = form_of(journey, "http_bearer", journey.secrets["the token of http_bearer"])
    home = "/t/acme/audit-log/settings/"
    refused = journey.post(journey.ana, home, values | {"url": "http://not.encrypted"}, form=home)
    assert refused.status_code == 422
    assert journey.post(journey.ana, home, values, form=home).status_code == 200
    for kind in KINDS[1:]:
        file = journey.product.folder / f"{kind}.token"
        file.write_text(journey.secrets[f"the token of {kind}"])
        place = ["--url", journey.product.intake, "--token-file", str(file), "--from-beginning", "--enable"]
        journey.manage("set_stream", "--tenant", "acme", "--name", kind, "--destination", kind, *place)


def deliver(journey: Journey) -> None:
    journey.record("all is well")
    for kind in KINDS:
        journey.until(kind, state="healthy", waiting=0)


def try_connections(journey: Journey) -> None:
    """One that passes, and one whose destination sends the token back."""
    home = "/t/acme/audit-log/settings/"
    for token in (journey.secrets["the token of http_bearer"], journey.secrets["a wrong token"]):
        if token == journey.secrets["a wrong token"]:
            journey.product.tell_intake("behave", kind="*", behaviour={"status": 401, "body": echo(token)})
        answer = journey.post(journey.ana, f"{home}test/", form_of(journey, "http_bearer", token), form=home)
        assert "?test=" in answer.url, answer.text
        test_id = re.search(r"test=([0-9a-f-]{36})", answer.url)
        assert test_id is not None
        journey.test_ids.append(test_id[1])
        result = f"{journey.product.address}{home}test/{test_id[1]}/"
        until(partial(has_ended, journey.ana, result), "the test has ended")
    journey.product.tell_intake("heal")


def has_ended(session: requests.Session, result: str) -> bool:
    return session.get(result, timeout=60).status_code == 286


def fail(journey: Journey) -> None:
    """Destinations that send tokens back in their errors, for a whole batch and for one entry."""
    splunk, elastic = (journey.secrets[f"the token of {kind}"] for kind in KINDS[1:])
    product = journey.product
    product.tell_intake("behave", kind="splunk_hec", behaviour={"status": 503, "body": echo(splunk)})
    refusal = {"containing": "poison", "reason": echo(elastic)}
    product.tell_intake("behave", kind="elasticsearch", behaviour={"refusals": [refusal]})
    journey.record("poison")
    until(lambda: bool(journey.status("splunk_hec")["last_error"]), "Splunk has failed")
    journey.until("elasticsearch", set_aside=1)
    for path in ("/t/acme/audit-log/settings/", "/t/acme/audit-log/"):
        journey.ana.get(product.address + path, timeout=60)
    journey.root.get(f"{product.address}/admin/streaming/deliveryattempt/", timeout=60)
    product.tell_intake("heal")
    journey.until("splunk_hec", waiting=0)


def echo(token: str) -> str:
    encoded = base64.b64encode(token.encode()).decode()
    return f"who are you? Authorization: Bearer {token}, Basic {encoded}"


def hold(journey: Journey) -> None:
    """A token that its destination does not take holds the stream."""
    page = journey.ana.get(f"{journey.product.address}/t/acme/audit-log/settings/", timeout=60).text
    home = re.search(r"/t/acme/audit-log/settings/[0-9a-f-]{36}/(?=[\"?])", page)
    path = home[0] if home else "/t/acme/audit-log/settings/"
    values = form_of(journey, "http_bearer", journey.secrets["a wrong token"])
    assert journey.post(journey.ana, path, values, form=path).status_code == 200
    journey.record("held")
    journey.until("http_bearer", state="held_for_credentials")


def everything_is_looked_at(journey: Journey) -> None:
    address = journey.product.address
    pages = canaries.walk(journey.ana, f"{address}/t/acme/audit-log/settings/", below="/t/acme/")
    admin = canaries.walk(journey.root, f"{address}/admin/", below="/admin/")
    assert (pages > 10, admin > 20) == (True, True), (pages, admin)
    canaries.walk(journey.service, f"{address}/api/v1/streams", below="/api/v1/")
    for path in ("entries?limit=100", "entries/activity", "catalog", "openapi.json"):
        journey.service.get(f"{address}/api/v1/{path}", timeout=60)
    for stream in journey.service.get(f"{address}/api/v1/streams", timeout=60).json()["streams"]:
        assert journey.service.get(f"{address}/api/v1/streams/{stream['id']}", timeout=60).status_code == 200
    journey.service.get(f"{address}/metrics", timeout=60)
    for kind in KINDS[:2]:
        journey.manage("stream_status", "--tenant", "acme", "--name", journey.name(kind), "--json")
    journey.manage("rotate_encryption_keys", "--json")


def files(product: Product) -> Iterator[tuple[str, str]]:
    """Logs and whatever else the processes wrote, PostgreSQL's own log too where it is at hand; not what the intake
    and the files of tokens hold, which is where the secrets come from."""
    product.stop()
    own = [
        path
        for path in product.folder.rglob("*")
        if path.is_file() and not {"intake", "static"} & {*path.relative_to(product.folder).parts}
    ]
    servers = [*Path(os.environ["AUDITSITE_DATA_DIR"]).glob("log/*.log")]
    for path in [*own, *servers]:
        if path.name != "intake.log" and path.suffix != ".token":
            yield path.name, path.read_bytes().decode(errors="replace")
