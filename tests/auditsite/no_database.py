"""A database that is away: nothing listens where the settings say it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker


@pytest.fixture
def no_database(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Whoever asks the database gets a refused connection, as when PostgreSQL is stopped."""
    away = {"HOST": "127.0.0.1", "PORT": "1", "PASSWORD": "canary"}
    with django_db_blocker.unblock():
        connection.close()
        kept = {name: connection.settings_dict[name] for name in away}
        connection.settings_dict.update(away)
        try:
            yield
        finally:
            connection.settings_dict.update(kept)
            connection.close()
