"""The Celery application: `celery -A auditsite worker`, `celery -A auditsite beat`."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "auditsite.settings")

app = Celery("auditsite")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["streaming"])
app.conf.imports = [
    "auditsite.exports",
    "auditsite.reconciling",
    "auditsite.maintaining",
    "auditsite.noticing",
    "auditsite.resending",
]
