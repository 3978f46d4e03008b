"""What an answer means to delivery: a closed set of words, and the verdict that carries one of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum


class Outcome(StrEnum):
    """What to do next with the batch that was answered."""

    DELIVERED = "delivered"
    """All of it is in. Move the cursor past the batch."""

    RETRY = "retry"
    """Not in, or nobody knows. Send the rest again after a backoff: a duplicate is better than a loss."""

    THROTTLED = "throttled"
    """The destination asks for time. As RETRY, with `retry_after` as a floor where it gave one."""

    SPLIT = "split"
    """Too large, or refused in a way that a smaller batch would make clear. Halve it and send again."""

    REJECTED = "rejected"
    """Refused for its content. `rejected` names the payload, or is None if any of the batch may be meant."""

    HELD_FOR_CREDENTIALS = "held_for_credentials"
    """The token is not accepted. Keep the place, tell a person, and go on probing."""

    HELD_FOR_SETTINGS = "held_for_settings"
    """The address or the destination's setup is wrong. Keep the place, tell a person, and go on probing."""

    @property
    def is_held(self) -> bool:
        return self in {Outcome.HELD_FOR_CREDENTIALS, Outcome.HELD_FOR_SETTINGS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A destination's judgement of one answer.

    `delivered` counts the leading payloads that are certainly in, whatever the outcome: the cursor may move
    past them. It equals the size of the batch if and only if the outcome is DELIVERED.
    """

    outcome: Outcome
    reason: str
    """A sentence for a person. Holds no token and nothing of the answer but its known keys."""
    code: str
    """Short and stable, for counting and for the page: `hec_4`, `http_503`, `es_mapper_parsing_exception`."""
    delivered: int = 0
    http_status: int | None = None
    retry_after: timedelta | None = None
    """A floor for the next wait, already clamped to an hour."""
    slow_down: bool = False
    """Delivered, but the destination is near its limit: send smaller batches for a while."""
    go_plain: bool = False
    """The destination does not take gzip: send again without it, and remember."""
    new_channel: bool = False
    """Splunk asks for another channel id."""
    hold_after: int | None = None
    """With RETRY: after this many such answers in a row it is a matter of settings, so hold the stream."""
    reject_after: int | None = None
    """With RETRY: after this many such answers in a row the first payload that is not in counts as refused."""
    rejected: int | None = None
    """With REJECTED: index of the payload, in the batch, that was refused for its own content."""
    duplicates: int = 0
    """How many of the delivered payloads were there already."""
    warning: str = ""
    """Delivered, but a person should know this."""
    ack_id: int | None = None
    """Splunk will confirm what was delivered under this id; until then it may still be lost."""

    def after(self, failures: int) -> Verdict:
        """The verdict where this is the so many-th answer of its kind in a row for the same first payload."""
        if self.reject_after is None or failures < self.reject_after:
            return self
        return replace(self, outcome=Outcome.REJECTED, rejected=self.delivered, reject_after=None)
