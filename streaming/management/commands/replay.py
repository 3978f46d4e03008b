"""`manage.py replay`: send a part of a tenant's log again, from a shell; the page's "Send again"."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from audit.management.base import OPERATOR, Answer, ProductCommand, tenant_named
from streaming import replaying
from streaming.configuring import Change
from streaming.models import Replay, Stream
from streaming.replaying import Counted, ReplayRefused, Span

STEERING = ("pause", "resume", "cancel")


class Command(ProductCommand):
    help = (
        "Send entries again: those recorded --since a moment (and before --until), or numbers --first to --last. "
        "--dry-run counts them only. --pause, --resume and --cancel steer the replay that runs; alone, it is shown."
    )

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", required=True, metavar="SLUG")
        parser.add_argument("--name", default="", help="Which stream; without it the tenant's first.")
        parser.add_argument("--since", type=_moment, metavar="MOMENT", help="As 2026-11-24T08:00:00Z.")
        parser.add_argument("--until", type=_moment, metavar="MOMENT", help="Left out: up to now.")
        parser.add_argument("--first", type=int, metavar="NUMBER")
        parser.add_argument("--last", type=int, metavar="NUMBER", help="Left out: the last entry.")
        parser.add_argument("--dry-run", action="store_true", help="Count, and send nothing.")
        steering = parser.add_mutually_exclusive_group()
        for what in STEERING:
            steering.add_argument(f"--{what}", action="store_true")

    def answer(self, options: Mapping[str, Any]) -> Answer:
        stream = _stream(options)
        try:
            if any(options[what] for what in STEERING):
                return _shown(_steered(stream, options))
            span = _span(stream, options)
            if span is None:
                return _shown(replaying.latest(stream))
            counted = replaying.count(stream, span)
            if options["dry_run"]:
                return _would_be(counted)
            return _shown(replaying.start(stream, counted, change=Change(OPERATOR), now=timezone.now()))
        except ReplayRefused as refused:
            raise CommandError(str(refused)) from None

    def told(self, answer: Answer) -> str:
        return "\n".join(
            f"{name.replace('_', ' ')}: {value}" for name, value in answer.items() if value != ""
        )


def _moment(text: str) -> datetime:
    moment = parse_datetime(text)
    if moment is None or moment.tzinfo is None:
        raise ValueError(text)
    return moment


def _stream(options: Mapping[str, Any]) -> Stream:
    streams = tenant_named(options["tenant"]).streams.select_related("tenant").order_by("created_at")
    stream = (streams.filter(name=options["name"]) if options["name"] else streams).first()
    if stream is None:
        raise CommandError("The tenant has no such stream. Make it with set_stream.")
    return stream


def _span(stream: Stream, options: Mapping[str, Any]) -> Span | None:
    if options["since"] is not None:
        return replaying.span_of_moments(stream, since=options["since"], until=options["until"])
    if options["first"] is not None:
        return replaying.span_of_numbers(stream, first=options["first"], last=options["last"])
    if options["until"] is not None or options["last"] is not None:
        raise CommandError("Say where to begin: --since a moment, or --first a number.")
    return None


def _steered(stream: Stream, options: Mapping[str, Any]) -> Replay | None:
    replay = replaying.latest(stream)
    if replay is None or not replay.is_open:
        raise CommandError("No replay of this stream is running or paused.")
    if options["cancel"]:
        replaying.cancel(replay, change=Change(OPERATOR), now=timezone.now())
    elif options["pause"]:
        replaying.pause(replay)
    else:
        replaying.resume(replay)
    return replaying.latest(stream)


def _would_be(counted: Counted) -> Answer:
    return {
        "state": "not started",
        "first": counted.span.first,
        "last": counted.span.last,
        "counted": counted.entries,
        "not_matching": counted.not_matching,
        "removed": counted.removed,
    }


def _shown(replay: Replay | None) -> Answer:
    if replay is None:
        raise CommandError("No entries of this stream were sent again yet. Say which: --since or --first.")
    return {
        "id": str(replay.pk),
        "state": replay.state,
        "first": replay.first_sequence,
        "last": replay.last_sequence,
        "counted": replay.counted,
        "place": replay.place,
        "delivered": replay.delivered,
        "refused": replay.refused,
        "not_matching": replay.not_matching,
        "removed": replay.removed,
        "last_error": replay.last_error,
    }
