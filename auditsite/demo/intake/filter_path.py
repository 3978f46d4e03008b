"""Elasticsearch's `filter_path`: an answer cut down to the paths that a client asked for."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase


def filtered(content: object, filter_path: str) -> object:
    """`content` with only the leaves that a comma separated list of dotted paths names; `*` stands in a name, `**`
    for any number of names. Lists are looked through. Nothing that fits leaves an empty object.
    """
    patterns = [pattern.strip().split(".") for pattern in filter_path.split(",") if pattern.strip()]
    if not patterns:
        return content
    kept = _keep(content, patterns)
    return {} if kept is None else kept


def _keep(content: object, patterns: Sequence[Sequence[str]]) -> object:
    if any(not pattern for pattern in patterns):
        return content
    if isinstance(content, list):
        items = [_keep(item, patterns) for item in content]
        return [item for item in items if item is not None] or None
    if not isinstance(content, dict):
        return None
    kept = {}
    for name, value in content.items():
        below = _keep(value, [rest for pattern in patterns for rest in _after(name, pattern)])
        if below is not None:
            kept[name] = below
    return kept or None


def _after(name: str, pattern: Sequence[str]) -> list[Sequence[str]]:
    """What of a pattern is left to match below `name`; nothing when it doesn't fit."""
    head, rest = pattern[0], pattern[1:]
    if head == "**":
        return [pattern, *(_after(name, rest) if rest else [rest])]
    return [rest] if fnmatchcase(name, head) else []
