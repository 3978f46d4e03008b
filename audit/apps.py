"""The app of the log."""

from __future__ import annotations

from pathlib import Path

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from audit.catalog.lookup import CATALOG, CatalogFileError


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = "Audit log"

    def ready(self) -> None:
        """Take in the deployment's own events, and listen to sign-ins. A bad catalogue stops the start."""
        if settings.CATALOG_FILE:
            try:
                CATALOG.extend(Path(settings.CATALOG_FILE))
            except CatalogFileError as error:
                raise ImproperlyConfigured(f"AUDITSITE_CATALOG: {error}.") from None
        from audit import signing_in  # noqa: PLC0415 - its models exist only once the apps are loaded

        signing_in.listen()
