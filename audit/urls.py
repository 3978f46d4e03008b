"""Addresses of this app."""

from __future__ import annotations

from django.urls import path

from audit.views import export, preferences, tenants
from audit.views.entry import EntryView
from audit.views.log import LogView
from audit.views.saved_views import OpeningView, SavedViewsView, SavedViewView
from audit.views.overview import OverviewView
from audit.views.searching import SearchingView

app_name = "audit"
urlpatterns = [
    path("", tenants.enter),
    path("audit-log/", tenants.enter, name="enter"),
    path("switch/", tenants.switch, name="switch"),
    path("preferences/", preferences.save, name="preferences"),
    path("t/<slug:slug>/audit-log/", LogView.as_view(), name="log"),
    path("t/<slug:slug>/audit-log/overview/", OverviewView.as_view(), name="overview"),
    path("t/<slug:slug>/audit-log/searching/", SearchingView.as_view(), name="searching"),
    path("t/<slug:slug>/audit-log/views/", SavedViewsView.as_view(), name="views"),
    path("t/<slug:slug>/audit-log/views/opening/", OpeningView.as_view(), name="views_opening"),
    path("t/<slug:slug>/audit-log/views/<uuid:view_id>/", SavedViewView.as_view(), name="view"),
    path("t/<slug:slug>/audit-log/export/", export.ExportView.as_view(), name="export"),
    path("t/<slug:slug>/audit-log/<uuid:entry_id>/", EntryView.as_view(), name="entry"),
]
