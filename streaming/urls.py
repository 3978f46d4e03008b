"""Addresses of the settings page."""

from __future__ import annotations

from django.urls import path

from streaming.views.settings import SettingsView
from streaming.views.testing import TestResultView, TestView

app_name = "streaming"
urlpatterns = [
    path("t/<slug:slug>/audit-log/settings/", SettingsView.as_view(), name="settings"),
    path("t/<slug:slug>/audit-log/settings/test/", TestView.as_view(), name="test"),
    path(
        "t/<slug:slug>/audit-log/settings/test/<uuid:test_id>/", TestResultView.as_view(), name="test_result"
    ),
]
