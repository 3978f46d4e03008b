from __future__ import annotations

import pytest
from django.test import Client

from audit.models import Person

PAGE = "/t/acme/audit-log/settings/"
VALUES = {
    "enabled": "on",
    "destination_kind": "splunk_hec",
    "url": "https://splunk.acme.example:8088",
    "token": "11111111-canary-3333-4444-555555555555",
    "start_from": "now",
}


@pytest.fixture
def admin(client: Client, ana: Person) -> Client:
    """Ana's browser."""
    client.force_login(ana)
    return client
