"""What of an answer may be stored and shown: short, printable, and without the token that it may echo."""

from __future__ import annotations

import base64
from urllib.parse import quote

LONGEST = 200
"""Characters of a foreign text that are kept."""
_SHORTEST_SECRET = 6


def shown(text: object, *, token: str) -> str:
    """A foreign text as it may be shown: without the token in any usual form, one line, cut."""
    clean = str(text)
    for secret in _forms(token):
        clean = clean.replace(secret, "[token]")
    clean = "".join(character if character.isprintable() else " " for character in clean)
    clean = " ".join(clean.split())
    return clean if len(clean) <= LONGEST else f"{clean[: LONGEST - 1]}…"


def _forms(token: str) -> list[str]:
    """The token and its secret parts, longest first, plain, base64 and URL-encoded.

    Of `Scheme token` the token, of `user:password` and `id:key` what follows the name, which is no secret.
    """
    bare = token.rpartition(" ")[2]
    parts = {token, bare, bare.partition(":")[2]}
    forms = {form for part in parts if len(part) >= _SHORTEST_SECRET for form in _encodings(part)}
    return sorted(forms, key=len, reverse=True)


def _encodings(secret: str) -> list[str]:
    encoded = base64.b64encode(secret.encode()).decode()
    return [secret, encoded, encoded.rstrip("="), quote(secret, safe="")]
