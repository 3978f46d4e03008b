"""Addresses of this app."""

from __future__ import annotations

from django.urls import path

from audit.views import export, preferences, tenants
from audit.views.entry import EntryView
from audit.views.log import LogView
from audit.views.searching import SearchingView

app_name = "audit"
urlpatterns = [
    path("", tenants.enter),
    path("audit-log/", tenants.enter, name="enter"),
    path("switch/", tenants.switch, name="switch"),
    path("preferences/", preferences.save, name="preferences"),
    path("t/<slug:slug>/audit-log/", LogView.as_view(), name="log"),
    path("t/<slug:slug>/audit-log/searching/", SearchingView.as_view(), name="searching"),
    path("t/<slug:slug>/audit-log/export/", export.ExportView.as_view(), name="export"),
    path("t/<slug:slug>/audit-log/<uuid:entry_id>/", EntryView.as_view(), name="entry"),
]
