"""The secrets that senders show: made once, kept in the data folder, or given by whoever starts the intake."""

from __future__ import annotations

import base64
import json
import secrets
import string
import uuid
from collections.abc import Mapping
from pathlib import Path

import msgspec

from auditsite.demo.intake.kinds import ELASTICSEARCH, HTTP_BEARER, SPLUNK_HEC
from auditsite.demo.intake.private_files import write_private

_ALPHABET = string.ascii_letters + string.digits


class Tokens(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What each protocol accepts. Elasticsearch takes an encoded API key, a `user:password`, and a bearer token."""

    splunk_hec: str
    http_bearer: str
    elasticsearch: str
    elasticsearch_user: str
    elasticsearch_bearer: str

    def changed(self, changes: Mapping[str, object]) -> Tokens:
        """The tokens with some of them different. ValueError names what is unknown or of the wrong type."""
        return msgspec.convert({**msgspec.to_builtins(self), **changes}, Tokens)

    def for_kind(self, kind: str) -> str:
        """What a person types into the settings form for this destination type."""
        return {
            SPLUNK_HEC: self.splunk_hec,
            HTTP_BEARER: self.http_bearer,
            ELASTICSEARCH: self.elasticsearch,
        }[kind]


def _word(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def new_tokens() -> Tokens:
    """In the shapes of the real ones: a GUID for Splunk, base64 of `id:key` for Elasticsearch."""
    return Tokens(
        splunk_hec=str(uuid.uuid4()),
        http_bearer=_word(40),
        elasticsearch=base64.b64encode(f"{_word(20)}:{_word(22)}".encode()).decode(),
        elasticsearch_user=f"auditsite:{_word(16)}",
        elasticsearch_bearer=f"AAEAAW{_word(40)}",
    )


def load_tokens(data_dir: Path) -> Tokens:
    """From `tokens.json` in the folder, which is made at the first start. ValueError says what is wrong with it."""
    path = data_dir / "tokens.json"
    if not path.exists():
        write_private(path, json.dumps(msgspec.to_builtins(new_tokens()), indent=2).encode())
    try:
        return msgspec.json.decode(path.read_bytes(), type=Tokens)
    except msgspec.MsgspecError as error:
        raise ValueError(f"{path}: {error}. Mend it, or delete it and new tokens are made.") from error
