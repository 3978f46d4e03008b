"""All addresses of the site (contract.md lists those that others rely on)."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from auditsite import health

urlpatterns = [
    path("", include("audit.urls")),
    path("", include("streaming.urls")),
    path("accounts/", include("audit.account_urls")),
    path("admin/", admin.site.urls),
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("metrics", health.metrics),
]
