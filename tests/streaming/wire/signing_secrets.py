"""Signing secrets, as a receiver would make them."""

from __future__ import annotations

import base64
import secrets


def new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
