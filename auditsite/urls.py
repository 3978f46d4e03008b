"""All addresses of the site (contract.md lists those that others rely on)."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path, re_path

from auditsite import api, health

urlpatterns = [
    path("", include("audit.urls")),
    path("", include("streaming.urls")),
    path("api/v1/", api.urls()),
    re_path("^api/", api.missing),
    path("accounts/", include("audit.account_urls")),
    path("admin/", admin.site.urls),
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("metrics", health.metrics),
]
