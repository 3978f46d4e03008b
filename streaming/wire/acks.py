"""Splunk's indexer acknowledgement: where it is asked for, and what the answer says of one request's id."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

import msgspec

from streaming.wire.messages import Request, Response

_ENDINGS = ("/event/1.0", "/event")
_COLLECTOR = "/services/collector"


class Ack(StrEnum):
    """What became of an id."""

    CONFIRMED = "confirmed"
    WAITS = "waits"
    """Not yet; or forgotten, or known to another indexer: Splunk says the same of all of them."""
    NOT_USED = "not_used"
    """The token knows no acknowledgements: there is nothing to wait for."""
    UNKNOWN = "unknown"
    """The address or the answer is not Splunk's."""


def ack_request(event_url: str, *, token: str, channel: UUID, ack_id: int) -> Request | None:
    """The question for one id, on the channel that it was given on; None where the address has no such neighbour."""
    base = next((event_url.removesuffix(e) for e in _ENDINGS if event_url.endswith(_COLLECTOR + e)), None)
    if base is None:
        return None
    headers = {
        "Authorization": f"Splunk {token}",
        "Content-Type": "application/json",
        "X-Splunk-Request-Channel": str(channel),
    }
    body = msgspec.json.encode({"acks": [ack_id]})
    return Request(method="POST", url=f"{base}/ack", headers=headers, body=body)


def read_ack(response: Response, ack_id: int) -> Ack:
    """What the answer says of this id. A true is given once."""
    try:
        body = msgspec.json.decode(response.body)
    except msgspec.DecodeError:
        body = None
    if not isinstance(body, dict):
        return Ack.WAITS if response.status >= 500 else Ack.UNKNOWN
    if body.get("code") == 14:
        return Ack.NOT_USED
    acks = body.get("acks")
    if response.status == 200 and isinstance(acks, dict):
        return Ack.CONFIRMED if acks.get(str(ack_id)) is True else Ack.WAITS
    return Ack.WAITS if response.status in {408, 429} or response.status >= 500 else Ack.UNKNOWN
