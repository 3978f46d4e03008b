"""Addresses of the settings pages. The first stream has the short ones; its id leads to the same."""

from __future__ import annotations

from django.urls import path

from streaming.views.locating import AddressView
from streaming.views.pausing import PauseView
from streaming.views.previewing import PreviewView
from streaming.views.removing import RemoveView
from streaming.views.replaying import ReplayView
from streaming.views.set_asides import SetAsidesView
from streaming.views.settings import SettingsView
from streaming.views.testing import TestResultView, TestView

SETTINGS = "t/<slug:slug>/audit-log/settings/"
NEW = f"{SETTINGS}streams/new/"
ONE = f"{SETTINGS}streams/<uuid:stream_id>/"

app_name = "streaming"
urlpatterns = [
    path(SETTINGS, SettingsView.as_view(), name="settings"),
    path(f"{SETTINGS}test/", TestView.as_view(), name="test"),
    path(f"{SETTINGS}test/<uuid:test_id>/", TestResultView.as_view(), name="test_result"),
    path(f"{SETTINGS}preview/", PreviewView.as_view(), name="preview"),
    path(f"{SETTINGS}address/", AddressView.as_view(), name="address"),
    path(NEW, SettingsView.as_view(is_new=True), name="new_settings"),
    path(f"{NEW}test/", TestView.as_view(is_new=True), name="new_test"),
    path(f"{NEW}preview/", PreviewView.as_view(is_new=True), name="new_preview"),
    path(f"{NEW}address/", AddressView.as_view(is_new=True), name="new_address"),
    path(ONE, SettingsView.as_view(), name="settings"),
    path(f"{ONE}test/", TestView.as_view(), name="test"),
    path(f"{ONE}preview/", PreviewView.as_view(), name="preview"),
    path(f"{ONE}address/", AddressView.as_view(), name="address"),
    path(f"{ONE}pause/", PauseView.as_view(), name="pause"),
    path(f"{ONE}replay/", ReplayView.as_view(), name="replay"),
    path(f"{ONE}set-asides/", SetAsidesView.as_view(), name="set_asides"),
    path(f"{ONE}remove/", RemoveView.as_view(), name="remove"),
]
