"""A stream's saved settings as the target that a destination encodes for."""

from __future__ import annotations

import socket

from streaming.destination import SettingsError, Target, destination
from streaming.models import Stream
from streaming.tokens import signing_secret_of, token_of
from streaming.transport.urls import parse_url
from streaming.wire.messages import AddressRefused


def target_of(stream: Stream) -> Target:
    """Where and with what the stream sends. Raises TokenUnreadable, and SettingsError for an unusable address."""
    secret = signing_secret_of(stream)
    url, _ = destination(stream.destination_kind).target_url(stream.url)
    return Target(
        url=url,
        token=token_of(stream).reveal(),
        tenant_slug=stream.tenant.slug,
        channel=stream.channel,
        scheme=stream.scheme,
        gzip=stream.gzip,
        host=socket.gethostname(),
        payload_format=stream.payload_format,
        framing=stream.framing,
        signing_secret=secret.reveal() if secret else "",
    )


def host_of(stream: Stream) -> str:
    """Whom the stream asks, as `host` or `host:port`; empty where its address is unusable."""
    try:
        url, _ = destination(stream.destination_kind).target_url(stream.url)
        return parse_url(url).authority
    except (LookupError, SettingsError, AddressRefused):
        return ""
