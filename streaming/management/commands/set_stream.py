"""`manage.py set_stream`: the Audit Log Settings form, from a shell."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from audit.management.base import OPERATOR, Answer, ProductCommand, tenant_named
from streaming.configuring import BEGINNING, NOW, Change, Settings, SettingsRefused, save_settings
from streaming.destination import all_destinations
from streaming.encryption import Secret
from streaming.health import health_of
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
        parser.add_argument("--name", default="SIEM", help="Which stream, where the tenant has several.")
        parser.add_argument("--enable", action="store_true", help="Switch streaming on.")
        parser.add_argument(
            "--from-beginning", action="store_true", help="At the first enabling: all entries."
        )

    def answer(self, options: Mapping[str, Any]) -> Answer:
        tenant = tenant_named(options["tenant"])
        settings = Settings(
            enabled=True if options["enable"] else None,
            destination_kind=options["destination"],
            url=options["url"],
            token=_token(options["token_file"]),
            start_from=BEGINNING if options["from_beginning"] else NOW,
        )
        now = timezone.now()
        try:
            stream = save_settings(
                tenant=tenant, settings=settings, change=Change(OPERATOR), now=now, name=options["name"]
            )
        except SettingsRefused as refused:
            raise CommandError(str(refused)) from None
        if stream.enabled:
            doorbell.ring(stream.pk)
        return health_of(stream, now=now).as_json()

    def told(self, answer: Answer) -> str:
        return f"Saved. The stream {answer['name']} is {answer['state'].replace('_', ' ')}."


def _token(file: Path | None) -> Secret | None:
    if file is None:
        return None
    try:
        return Secret(file.read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"The token cannot be read from {file}: {error}") from None
