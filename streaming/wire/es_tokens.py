"""Elasticsearch's one token field: which way of signing in a token's form stands for."""

from __future__ import annotations

import base64
import binascii
import re

SCHEMES = ("ApiKey", "Bearer", "Basic")

_ID_AND_KEY = re.compile(r"[A-Za-z0-9_-]{20}:[A-Za-z0-9_-]{22}")
_JWT = re.compile(r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_SERVICE_ACCOUNT = "AAEAAW"
_CLOUD_KEY = "essu_"


def likely_schemes(token: str) -> tuple[str, ...]:
    """The schemes to try, the likely one first. More than one only where the form says nothing."""
    word, _, rest = token.partition(" ")
    if rest:
        return (word,)
    if token.startswith(_CLOUD_KEY) or _ID_AND_KEY.fullmatch(token) or _ID_AND_KEY.fullmatch(_decoded(token)):
        return ("ApiKey",)
    if ":" in token:
        return ("Basic",)
    if _JWT.fullmatch(token) or token.startswith(_SERVICE_ACCOUNT):
        return ("Bearer",)
    return ("ApiKey", "Bearer")


def authorization(token: str, *, scheme: str = "") -> str:
    """The header's value. `scheme` is what a test found out; without it the token's form decides."""
    word, _, rest = token.partition(" ")
    if rest:
        return f"{word} {rest}"
    scheme = scheme or likely_schemes(token)[0]
    encoded = ":" in token and scheme != "Bearer"
    return f"{scheme} {base64.b64encode(token.encode()).decode() if encoded else token}"


def _decoded(token: str) -> str:
    try:
        return base64.b64decode(token, validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
