from __future__ import annotations

import pytest

from audit.models import Tenant
from streaming.destination import SettingsError
from streaming.encryption import Secret, TokenUnreadable
from streaming.models import Stream
from streaming.targets import host_of, target_of
from streaming.tokens import sealed_signing_secret
from tests.streams import MakeStream


def test_the_target_holds_what_the_destination_needs(make_stream: MakeStream) -> None:
    token = "11111111-2222-3333-4444-555555555555"
    stream = make_stream("splunk_hec", url="https://splunk.acme.example:8088", token=Secret(token))

    target = target_of(stream)

    assert target.url == "https://splunk.acme.example:8088/services/collector/event"
    assert (target.token, target.tenant_slug, target.channel) == (token, "acme", stream.channel)
    assert target.gzip
    assert token not in repr(target)


def test_format_framing_and_signature_are_the_streams(make_stream: MakeStream) -> None:
    stream = make_stream()
    plain = target_of(stream)
    stream.payload_format, stream.framing = "ocsf", "ndjson"
    stream.signing_secret_encrypted = sealed_signing_secret(stream, Secret("whsec_abc"))

    target = target_of(stream)

    assert (plain.payload_format, plain.framing, plain.signing_secret) == ("native", "array", "")
    assert (target.payload_format, target.framing, target.signing_secret) == ("ocsf", "ndjson", "whsec_abc")


def test_a_stream_without_a_token_says_so(make_stream: MakeStream) -> None:
    stream = make_stream()
    stream.token_encrypted = None

    with pytest.raises(TokenUnreadable, match="No token is saved"):
        target_of(stream)


def test_an_address_that_became_unusable_is_a_matter_of_settings(make_stream: MakeStream) -> None:
    stream = make_stream()
    stream.url = "ftp://siem.acme.example"

    with pytest.raises(SettingsError):
        target_of(stream)


def test_a_streams_host_is_told_with_its_port_unless_it_is_the_usual_one(acme: Tenant) -> None:
    def host(url: str) -> str:
        return host_of(Stream(tenant=acme, destination_kind="splunk_hec", url=url))

    assert host("https://Splunk.example.com:8088/services/collector") == "splunk.example.com:8088"
    assert host("https://splunk.example.com/services/collector") == "splunk.example.com"
    assert host("not an address") == ""
