"""What people paste as Elasticsearch's address, taken apart."""

from __future__ import annotations

import base64
import binascii
import re

DEFAULT_STREAM = "logs-auditsite.audit-default"
"""A data stream: Elasticsearch's own template for `logs-*-*` makes it at the first entry, with ECS mappings."""

_CLOUD_ID = re.compile(r"[^:/\s]*:(?P<encoded>[A-Za-z0-9+/]{16,}={0,2})")
_FORBIDDEN = frozenset('\\/*?"<>| ,#:%')


def split_path(path: str) -> tuple[str, str]:
    """A path → the prefix before the cluster's own paths, and the name to write to.

    `/my-index/_bulk` → ("", "my-index"); `/es/` → ("/es", the default); `/es/my-index` → ("/es", "my-index").
    """
    segments = [segment for segment in path.split("/") if segment]
    is_prefix = path.endswith("/") and bool(segments) and not segments[-1].startswith("_")
    while segments and segments[-1].startswith("_"):
        segments.pop()
    name = DEFAULT_STREAM if is_prefix or not segments else segments.pop()
    return "".join(f"/{segment}" for segment in segments), name


def fault_of_name(name: str) -> str:
    """What makes a name illegal for an index or data stream; empty if nothing does."""
    if name != name.lower():
        return "must be in lower case"
    if _FORBIDDEN & set(name):
        return 'must hold none of \\ / * ? " < > | , # : % and no space'
    if name.startswith(("-", "_", "+")) or name in {".", ".."}:
        return "must start with a letter or a digit"
    return "" if len(name.encode()) <= 255 else "must have at most 255 bytes"


def cloud_address(text: str) -> str:
    """The address behind an Elastic Cloud ID (`name:BASE64`); empty if the text is none."""
    found = _CLOUD_ID.fullmatch(text)
    if found is None:
        return ""
    try:
        decoded = base64.b64decode(found["encoded"] + "=" * (-len(found["encoded"]) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return ""
    parts = decoded.split("$")
    if len(parts) < 2 or not parts[0] or not parts[1]:
        return ""
    host, _, port = parts[0].partition(":")
    return f"https://{parts[1]}.{host}" + (f":{port}" if port else "")
