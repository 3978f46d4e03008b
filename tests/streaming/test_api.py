from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from audit.drafts import Actor
from audit.keys import make_key
from audit.models import Tenant
from tests.streams import MakeStream, deliver_all

Headers = dict[str, str]


@pytest.fixture
def key(acme: Tenant) -> Headers:
    return _key(acme)


def _key(tenant: Tenant) -> Headers:
    _, text = make_key(
        tenant=tenant,
        name="reader",
        scopes=["read"],
        actor=Actor(email="ana@acme.example"),
        now=datetime.now(UTC),
    )
    return {"Authorization": f"Bearer {text}"}


def test_streams_are_listed_with_their_health(client: Client, key: Headers, make_stream: MakeStream) -> None:
    stream = make_stream("splunk_hec")
    deliver_all(stream)

    answer = client.get("/api/v1/streams", headers=key).json()["streams"]

    assert [found["id"] for found in answer] == [str(stream.pk)]
    assert answer[0]["state"] == "healthy"
    assert answer[0]["recorded"] == answer[0]["delivered"] == 2


def test_one_stream_says_what_it_delivered(client: Client, key: Headers, make_stream: MakeStream) -> None:
    stream = make_stream("splunk_hec")

    answer = client.get(f"/api/v1/streams/{stream.pk}", headers=key).json()

    assert (answer["waiting"], answer["delivered"], answer["set_aside"]) == (2, 0, 0)
    assert "token" not in answer


def test_another_tenants_stream_is_not_found(client: Client, globex: Tenant, make_stream: MakeStream) -> None:
    stream = make_stream("splunk_hec")

    answer = client.get(f"/api/v1/streams/{stream.pk}", headers=_key(globex))

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert client.get("/api/v1/streams", headers=_key(globex)).json() == {
        "streams": [],
        "taken_by_none": None,
    }


def test_streams_say_what_they_take_and_what_none_of_them_does(
    client: Client, key: Headers, make_stream: MakeStream
) -> None:
    make_stream("http_bearer", entry_filter="by=nobody", framing="ndjson")

    answer = client.get("/api/v1/streams", headers=key).json()

    told = answer["streams"][0]
    assert (told["filter"], told["format"], told["framing"]) == ("by=nobody", "native", "ndjson")
    assert answer["taken_by_none"] == {"number": 2, "more": False, "days": 7}


def test_the_description_names_every_field_that_is_answered(
    client: Client, key: Headers, make_stream: MakeStream
) -> None:
    make_stream()
    answer = client.get("/api/v1/streams", headers=key).json()

    known = client.get("/api/v1/openapi.json").json()["components"]["schemas"]

    assert set(known["Streams"]["properties"]) == set(answer)
    assert set(known["StreamHealth"]["properties"]) == set(answer["streams"][0])
    assert set(known["Untaken"]["properties"]) == set(answer["taken_by_none"])
