"""What an entry says as a sentence that a person would say: "Ana Ruiz published workflow Triage in SOC".

A predicate with places for parameters says what was done: `published workflow[ {workflow_name}][ (version {version})]`.
What stands in brackets is said where all of its parameters are there, else what follows `|` in it; `{workspace}` is
the entry's, which else stands at the end. Most predicates are made from an event's label and the keys that it carries;
an event whose label does not tell it well has its own (`Event.sentence`). An event that has left the vocabulary is told
from the entry's own label and parameters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from audit.catalog.lookup import CATALOG, UnknownEventError

LONGEST_VALUE = 120
MOST_ITEMS = 3
# Past and infinitive; both are needed, as what failed was only tried.
VERBS = {
    "activated": "activate", "added": "add", "applied": "apply", "approved": "approve", "archived": "archive",
    "assigned": "assign", "cancelled": "cancel", "changed": "change", "copied": "copy", "created": "create",
    "deactivated": "deactivate", "deleted": "delete", "denied": "deny", "disabled": "disable", "dismissed": "dismiss",
    "edited": "edit", "enabled": "enable", "exported": "export", "held": "hold", "imported": "import",
    "invited": "invite", "made": "make", "moved": "move", "opened": "open", "published": "publish", "removed": "remove",
    "renamed": "rename", "replayed": "replay", "restored": "restore", "resumed": "resume", "revoked": "revoke",
    "sent": "send", "set": "set", "shared": "share", "signed": "sign", "started": "start", "stopped": "stop",
    "submitted": "submit", "switched": "switch", "tested": "test", "updated": "update", "uploaded": "upload",
    "viewed": "view",
}  # fmt: skip
# How a parameter is told that does not name what the sentence is about; `reason` comes last.
PHRASES = {
    "table_name": "[ in table {table_name}]", "field_type": "[ ({field_type})]", "integration": "[ ({integration})]",
    "version": "[ (version {version})]", "requested_by": "[ of {requested_by}]", "approvers": "[ to {approvers}]",
    "shared_with": "[ with {shared_with}]", "format": "[ as {format}]", "row_count": "[ ({row_count} rows)]",
    "groups_added": "[, added to {groups_added}]", "groups_removed": "[, removed from {groups_removed}]",
    "role": "[ as {role}]", "reason": "[: {reason}]",
}  # fmt: skip
_NAMES = re.compile(r"(?!previous_)\w+_name|username|service_account|runner_group|runner|group|role|user")
_GROUP = re.compile(r"\[([^\[\]|]*)(?:\|([^\[\]|]*))?\]")
_PLACE = re.compile(r"\{(\w+)\}")
_SIGNS = re.compile(r"[\[\]{}|]")
_PREVIOUS = "previous_"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a sentence; `value` where the words are the entry's and not ours."""

    text: str
    value: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What a sentence is made from: the entry's own words, as the log keeps them."""

    event: str
    action: str
    parameters: Mapping[str, Any]
    actor: str
    actor_type: str
    workspace: str
    outcome: str


def sentence(said: Said) -> tuple[Part, ...]:
    """Who did what, where, and whether it went well; no full stop, and no time: the page says how long ago."""
    predicate = _predicate(said.event, said.action, tuple(said.parameters))
    predicate, reason = _without_reason(predicate)
    actor = [Part(told(said.actor), value=True)]
    if said.actor_type == "service_account":
        actor = [Part("Service account "), *actor]
    if predicate is None:
        parts = [Part(said.action), Part(" by "), *actor, *_named(said.parameters)]
    else:
        parts = [*actor, Part(" "), *_done(predicate, said)]
    parts += [*_where(said.workspace, parts), *_end(predicate, said.outcome)]
    # What was to be the reason of a deed is no reason why it failed.
    failed = parts[-1].text.endswith("failed")
    return tuple(_joined(parts if failed else [*parts, *_grouped(reason, said)]))


def _without_reason(predicate: str | None) -> tuple[str | None, str]:
    """A reason, or what else stands behind a colon, ends the sentence."""
    if predicate is None:
        return None, ""
    before, colon, reason = predicate.rpartition("[: ")
    return (before, colon + reason) if colon else (predicate, "")


def _where(workspace: str, parts: list[Part]) -> list[Part]:
    name = told(workspace)
    if not name or any(part.value and part.text == name for part in parts[1:]):
        return []
    listed = any(", " in part.text for part in parts if not part.value)
    return [Part(", in " if listed else " in "), Part(name, value=True)]


def text_of(parts: tuple[Part, ...]) -> str:
    """The sentence as one text."""
    return "".join(part.text for part in parts)


def told(value: object) -> str:
    """A value as it is said: short, a list in words, yes for true; empty for what cannot be said."""
    if value is None or isinstance(value, Mapping):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list | tuple):
        return _listed([item for item in map(told, value) if item])
    text = " ".join(str(value)[: LONGEST_VALUE + 1].split())
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def _listed(items: list[str]) -> str:
    more = len(items) - MOST_ITEMS
    if more > 1:
        items = [*items[:MOST_ITEMS], f"{more} more"]
    return " and ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))


@lru_cache(maxsize=2_000)
def _predicate(code: str, label: str, keys: tuple[str, ...]) -> str | None:
    try:
        event = CATALOG.event(code)
    except UnknownEventError:
        return derived(label, keys)
    return event.sentence or derived(event.label, event.parameters)


def derived(label: str, keys: tuple[str, ...]) -> str | None:
    """A predicate from a label ("Workflow published") and keys; None where the label does not say what was done."""
    words = label.split()
    at = next((n for n in reversed(range(len(words))) if words[n].lower() in VERBS), None)
    if at is None or _SIGNS.search(label):
        return None
    subject, rest = " ".join(map(_small, words[:at])), "".join(f" {word}" for word in words[at + 1 :])
    name = _name_of(subject, keys)
    if name and f"{_PREVIOUS}name" in keys and subject.endswith(" name"):
        thing = subject.removesuffix(" name")
        return f"renamed [{thing} {{previous_name}}|a {thing}][ to {{{name}}}]"
    verb = words[at].lower()
    return f"{verb} {_object(subject, name)}{rest}{_further(name, keys)}".replace("  ", " ")


def _object(subject: str, name: str) -> str:
    """`workflow {workflow_name}`, or `the settings of workflow {workflow_name}` where its beginning is named."""
    if not name:
        return subject
    stem = _stem(name)
    if subject != stem and subject.startswith(f"{stem} "):
        return f"the {subject.removeprefix(stem).strip()}[ of {stem} {{{name}}}| of a {stem}]"
    article = "an" if re.match("(?!us|uni)[aeiou]", subject, re.IGNORECASE) else "a"
    return f"[{subject} {{{name}}}|{article} {subject}]" if subject else f"[{{{name}}}]"


def _name_of(subject: str, keys: tuple[str, ...]) -> str:
    """The key that names what the sentence is about."""
    stem = subject.replace(" ", "_").lower()
    names = [key for key in keys if _NAMES.fullmatch(key)]
    for key in (f"{stem}_name", stem):
        if key in names:
            return key
    fitting = [key for key in names if subject.startswith(_stem(key)) or subject.endswith(_stem(key))]
    return next(iter(fitting or names), "")


def _stem(key: str) -> str:
    """`workflow` of `workflow_name`, `user` of `username`."""
    return key.removesuffix("name").strip("_").replace("_", " ")


def _further(name: str, keys: tuple[str, ...]) -> str:
    """What else is told: from what to what, and the parameters that have a phrase."""
    before = {key.removeprefix(_PREVIOUS) for key in keys if key.startswith(_PREVIOUS)}
    phrases = [
        f"[ from {{{_PREVIOUS}{key}}}][ to {{{key}}}]" if key in before else PHRASES.get(key, "")
        for key in sorted(keys, key="reason".__eq__)
        if key != name
    ]
    return "".join(phrases)


def _small(word: str) -> str:
    """Without a capital that only began the label; acronyms keep theirs."""
    return word.lower() if word[1:].islower() else word


def _done(predicate: str, said: Said) -> Iterator[Part]:
    """The predicate with its values; of what failed, what was tried."""
    first, blank, rest = predicate.partition(" ")
    if said.outcome == "failure" and first in VERBS:
        predicate = f"tried to {VERBS[first]}{blank}{rest}"
    yield from _grouped(predicate, said)


def _grouped(text: str, said: Said) -> Iterator[Part]:
    values = {**said.parameters, "workspace": said.workspace}
    place = 0
    for group in _GROUP.finditer(text):
        yield from _filled(text[place : group.start()], values)
        place = group.end()
        inside, otherwise = group.groups(default="")
        whole = all(told(values.get(key)) for key in _PLACE.findall(inside))
        yield from _filled(inside if whole else otherwise, values)
    yield from _filled(text[place:], values)


def _filled(text: str, parameters: Mapping[str, Any]) -> Iterator[Part]:
    for number, piece in enumerate(_PLACE.split(text)):
        yield Part(told(parameters.get(piece)), value=True) if number % 2 else Part(piece)


def _named(parameters: Mapping[str, Any]) -> Iterator[Part]:
    name = next((text for key in parameters if _NAMES.fullmatch(key) and (text := told(parameters[key]))), "")
    if name:
        yield from (Part(": "), Part(name, value=True))


def _end(predicate: str | None, outcome: str) -> Iterator[Part]:
    if outcome == "failure" and not (predicate or "").startswith("could not"):
        tried = predicate is not None and predicate.partition(" ")[0] in VERBS
        yield Part(", but it failed" if tried else ", and failed")
    if outcome == "unknown":
        yield Part("; whether it succeeded is not known")


def _joined(parts: list[Part]) -> Iterator[Part]:
    """Without empty pieces, and neighbours of one kind as one."""
    last = Part("")
    for part in filter(lambda part: part.text, parts):
        if part.value == last.value and not part.value:
            last = Part(last.text + part.text)
            continue
        if last.text:
            yield last
        last = part
    if last.text:
        yield last
