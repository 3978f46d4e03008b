from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from auditsite.demo.intake import ELASTICSEARCH, HTTP_BEARER, KINDS, SPLUNK_HEC, Flavour, Intake
from tests.auditsite.demo.intake.sender import Sender, body_of


def test_its_addresses_are_what_the_settings_form_wants(intake: Intake) -> None:
    assert intake.url(SPLUNK_HEC) == intake.url(ELASTICSEARCH) == f"https://127.0.0.1:{intake.port}"
    assert intake.url(HTTP_BEARER) == f"https://127.0.0.1:{intake.port}/ingest"


def test_every_port_fills_the_same_ledger(sender: Sender) -> None:
    base = sender.intake.also_on(Flavour.PLAIN)
    token = f"Bearer {sender.intake.token(HTTP_BEARER)}"

    response = requests.post(
        sender.intake.url(HTTP_BEARER, base), json=[{"id": "a"}], headers={"Authorization": token}, timeout=5
    )

    assert response.json() == {"accepted": 1}
    assert [arrival.id for arrival in sender.intake.received(HTTP_BEARER)] == ["a"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_compressed_body_is_refused_where_the_rules_say_so(sender: Sender, kind: str) -> None:
    sender.intake.change("rules", {"gzip": False})
    packed = gzip.compress(body_of(kind, 1).encode())

    refused = sender.send(kind, packed, headers={"Content-Encoding": "gzip"})
    taken = sender.send(kind, body_of(kind, 2))

    assert (refused.status_code, taken.status_code) == (415, 200)
    assert [arrival.id for arrival in sender.intake.received(kind)] == ["id-2"]


def test_requests_are_remembered_as_they_came(sender: Sender) -> None:
    for kind in KINDS:
        sender.send(kind, body_of(kind, 1), headers={"X-Request-Id": f"try-{kind}"})
    sender.send(SPLUNK_HEC, body_of(SPLUNK_HEC, 1), token="wrong")
    sender.get("/")

    seen = sender.intake.requests

    assert [(each.kind, each.status) for each in seen] == [
        *((kind, 200) for kind in KINDS),
        (SPLUNK_HEC, 403),
    ]
    assert [each.headers["X-Request-Id"] for each in seen[:3]] == [f"try-{kind}" for kind in KINDS]
    assert seen[2].path == "/logs-auditsite.audit-default/_bulk"
    assert seen[0].body_size == len(body_of(SPLUNK_HEC, 1))


def test_forgetting_leaves_a_clean_slate(sender: Sender) -> None:
    sender.send(HTTP_BEARER, body_of(HTTP_BEARER, 1))

    sender.intake.forget()

    assert sender.intake.counts(HTTP_BEARER).received == 0
    assert sender.intake.requests == []


def test_it_listens_on_ipv6_too(tmp_path: Path) -> None:
    intake = Intake(data_dir=tmp_path, now=datetime.now(UTC), host="::1")
    intake.start()
    try:
        response = requests.get(f"{intake.base_url}/_control/counts", verify=str(intake.ca_file), timeout=5)
    finally:
        intake.stop()

    assert response.status_code == 200
    assert intake.base_url == f"https://[::1]:{intake.port}"


def test_one_that_was_never_started_stops_cleanly(tmp_path: Path) -> None:
    intake = Intake(data_dir=tmp_path, now=datetime.now(UTC))

    intake.stop()

    with pytest.raises(requests.ConnectionError):
        requests.get(intake.base_url, timeout=1)
