"""`manage.py rotate_encryption_keys`: saved tokens and signing secrets under the first of the operator's keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError, CommandParser

from audit.management.base import Answer, ProductCommand
from streaming import environment, rotating
from streaming.encryption import KeyRing

NAMED = 3


class Command(ProductCommand):
    help = (
        "Encrypt every saved token and signing secret under the first key of AUDITSITE_ENCRYPTION_KEYS. May be stopped "
        "and begun again at any time, beside running processes. A key under which nothing is left can be taken away."
    )

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="Count what is under which key; write nothing."
        )

    def answer(self, options: Mapping[str, Any]) -> Answer:
        ring = environment.key_ring()
        _refuse_missing(ring)
        written = 0 if options["dry_run"] else _rotated(ring)
        numbers = rotating.secrets_by_key()
        first, *others = ring.key_ids
        left = sum(numbers.get(key_id, 0) for key_id in others)
        keys = [
            {"place": place, "id": key_id, "secrets": numbers.get(key_id, 0)}
            for place, key_id in enumerate([first, *others], 1)
        ]
        return {"dry_run": options["dry_run"], "written": written, "left": left, "keys": keys}

    def told(self, answer: Answer) -> str:
        lines = [] if answer["dry_run"] else [f"{answer['written']:,} secrets were encrypted anew."]
        return "\n".join([*lines, *(_line(key) for key in answer["keys"])])


def _refuse_missing(ring: KeyRing) -> None:
    for key_id, number in rotating.secrets_by_key().items():
        if key_id not in ring.key_ids:
            raise CommandError(
                f"{number:,} secrets are under key {key_id}, which is not in AUDITSITE_ENCRYPTION_KEYS; nothing was "
                f"changed. Add that key at the end of the list and run this again, or, if it is lost, enter these "
                f"anew: {_some(rotating.saved_under(key_id, most=NAMED + 1))}."
            )


def _rotated(ring: KeyRing) -> int:
    done = rotating.rotate(ring)
    if done.unreadable:
        raise CommandError(
            f"{done.written:,} secrets were encrypted anew; {len(done.unreadable):,} do not belong to their row, or "
            f"were damaged. Enter these anew: {_some(done.unreadable)}."
        )
    return done.written


def _some(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(names[:NAMED]) + (", …" if len(names) > NAMED else "")


def _line(key: Mapping[str, Any]) -> str:
    line = f"Key {key['place']} ({key['id']}): {key['secrets']:,} secrets."
    return line if key["place"] == 1 or key["secrets"] else f"{line} It can be taken away."
