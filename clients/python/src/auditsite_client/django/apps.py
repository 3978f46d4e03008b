from __future__ import annotations

from django.apps import AppConfig


class AuditsiteClientConfig(AppConfig):
    name = "auditsite_client.django"
    label = "auditsite_client"
    verbose_name = "Audit entries on their way"
    default_auto_field = "django.db.models.BigAutoField"
