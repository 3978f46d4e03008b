"""Addresses of this app."""

from __future__ import annotations

from django.urls import path

from audit.views import export, preferences, tenants
from audit.views.api_keys import ApiKeysView, NewKeyView, RevokeKeyView
from audit.views.calendar import CalendarView
from audit.views.entry import EntryJsonView, EntryView
from audit.views.exports import ExportActionView, ExportFileView, ExportsView
from audit.views.facets import FacetView, ParameterKeysView
from audit.views.log import LogView
from audit.views.newer import NewerView
from audit.views.overview import OverviewView
from audit.views.saved_views import OpeningView, SavedViewsView, SavedViewView
from audit.views.searching import SearchingView

app_name = "audit"
urlpatterns = [
    path("", tenants.enter),
    path("audit-log/", tenants.enter, name="enter"),
    path("switch/", tenants.switch, name="switch"),
    path("preferences/", preferences.save, name="preferences"),
    path("t/<slug:slug>/audit-log/", LogView.as_view(), name="log"),
    path("t/<slug:slug>/audit-log/overview/", OverviewView.as_view(), name="overview"),
    path("t/<slug:slug>/audit-log/parameters/", ParameterKeysView.as_view(), name="parameter_keys"),
    path("t/<slug:slug>/audit-log/values/<str:name>/", FacetView.as_view(), name="values"),
    path("t/<slug:slug>/audit-log/time/", CalendarView.as_view(), name="time"),
    path("t/<slug:slug>/audit-log/searching/", SearchingView.as_view(), name="searching"),
    path("t/<slug:slug>/audit-log/newer/", NewerView.as_view(), name="newer"),
    path("t/<slug:slug>/audit-log/views/", SavedViewsView.as_view(), name="views"),
    path("t/<slug:slug>/audit-log/views/opening/", OpeningView.as_view(), name="views_opening"),
    path("t/<slug:slug>/audit-log/views/<uuid:view_id>/", SavedViewView.as_view(), name="view"),
    path("t/<slug:slug>/audit-log/export/", export.ExportView.as_view(), name="export"),
    path("t/<slug:slug>/audit-log/exports/", ExportsView.as_view(), name="exports"),
    path("t/<slug:slug>/audit-log/exports/<uuid:export_id>/", ExportActionView.as_view(), name="export_of"),
    path("t/<slug:slug>/audit-log/exports/file/<str:token>/", ExportFileView.as_view(), name="export_file"),
    path("t/<slug:slug>/audit-log/<uuid:entry_id>/", EntryView.as_view(), name="entry"),
    path("t/<slug:slug>/audit-log/<uuid:entry_id>/json/", EntryJsonView.as_view(), name="entry_json"),
    path("t/<slug:slug>/api-keys/", ApiKeysView.as_view(), name="api_keys"),
    path("t/<slug:slug>/api-keys/new/", NewKeyView.as_view(), name="new_key"),
    path("t/<slug:slug>/api-keys/<uuid:key_id>/revoke/", RevokeKeyView.as_view(), name="revoke_key"),
]
