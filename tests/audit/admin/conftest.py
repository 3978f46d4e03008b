"""Staff of the platform, signed in."""

from __future__ import annotations

import pytest
from django.test import Client

from audit.models import Person
from tests.conftest import PASSWORD


@pytest.fixture
def sam(db: None) -> Person:  # noqa: ARG001 - opens the database
    """Staff, and a superuser; a member of no tenant."""
    return Person.objects.create_superuser("sam@platform.example", PASSWORD, name="Sam")


@pytest.fixture
def staff(sam: Person) -> Client:
    web = Client(REMOTE_ADDR="203.0.113.7")
    web.force_login(sam)
    return web
