"""`manage.py set_stream`: the Audit Log Settings form, from a shell."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from audit.management.base import OPERATOR, Answer, ProductCommand, tenant_named
from audit.models import Tenant
from streaming.configuring import (
    BEGINNING,
    FIRST_NAME,
    NOW,
    Change,
    Settings,
    SettingsRefused,
    save_settings,
)
from streaming.coverage import what_goes
from streaming.destination import all_destinations
from streaming.encryption import Secret
from streaming.filtering import FilterUnusable, typed
from streaming.health import health_of
from streaming.models import Framing, PayloadFormat
from streaming.tasks import doorbell


class Command(ProductCommand):
    help = "Save where a tenant's entries are streamed to; same checks and same entry in the log as the page."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", required=True, metavar="SLUG")
        parser.add_argument("--destination", required=True, choices=list(all_destinations()))
        parser.add_argument("--url", required=True)
        parser.add_argument(
            "--token-file", type=Path, metavar="FILE", help="Leave out to keep the saved token."
        )
        parser.add_argument(
            "--name",
            default=FIRST_NAME,
            help="Which stream, where the tenant has several; a new name adds one.",
        )
        parser.add_argument("--rename", metavar="NAME", help="What the stream is called from now on.")
        parser.add_argument("--enable", action="store_true", help="Switch streaming on.")
        parser.add_argument(
            "--from-beginning", action="store_true", help="At the first enabling: all entries."
        )
        self._add_what(parser)

    def _add_what(self, parser: CommandParser) -> None:
        """Which entries go, and in what form."""
        parser.add_argument(
            "--filter",
            metavar="TEXT",
            help='Only entries that match, as the search of the page: "category:user_actions -by:bot"; "" for all. '
            "Left out, the saved filter stays.",
        )
        parser.add_argument(
            "--format", choices=PayloadFormat.values, help="http_bearer only: what an entry looks like."
        )
        parser.add_argument(
            "--framing", choices=Framing.values, help="http_bearer only: how entries stand in one request."
        )
        parser.add_argument(
            "--signing-secret-file",
            type=Path,
            metavar="FILE",
            help="http_bearer only: signs requests (Standard Webhooks, whsec_…); an empty file stops it.",
        )

    def answer(self, options: Mapping[str, Any]) -> Answer:
        tenant, now = tenant_named(options["tenant"]), timezone.now()
        try:
            stream = save_settings(
                tenant=tenant,
                settings=_settings(tenant, options),
                change=Change(OPERATOR),
                now=now,
                name=options["name"],
            )
        except (SettingsRefused, FilterUnusable) as refused:
            raise CommandError(str(refused)) from None
        if stream.enabled:
            doorbell.ring(stream.pk)
        return {**health_of(stream, now=now).as_json(), **what_goes(stream)}

    def told(self, answer: Answer) -> str:
        return f"Saved. The stream {answer['name']} is {answer['state'].replace('_', ' ')}."


def _settings(tenant: Tenant, options: Mapping[str, Any]) -> Settings:
    wanted = ("format", "framing", "signing_secret_file")
    chosen = [f"--{name.replace('_', '-')}" for name in wanted if options[name] is not None]
    if chosen and not all_destinations()[options["destination"]].chooses_format:
        raise CommandError(f"{' and '.join(chosen)}: only an http_bearer destination leaves a choice.")
    return Settings(
        enabled=True if options["enable"] else None,
        destination_kind=options["destination"],
        url=options["url"],
        token=_secret(options["token_file"], "The token"),
        name=options["rename"],
        entry_filter=None if options["filter"] is None else typed(options["filter"], tenant=tenant),
        payload_format=options["format"],
        framing=options["framing"],
        signing_secret=_secret(options["signing_secret_file"], "The signing secret"),
        start_from=BEGINNING if options["from_beginning"] else NOW,
    )


def _secret(file: Path | None, what: str) -> Secret | None:
    if file is None:
        return None
    try:
        return Secret(file.read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{what} cannot be read from {file}: {error}") from None
