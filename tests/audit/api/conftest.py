"""A service of the platform that may send entries to acme's log, and read it."""

from __future__ import annotations

import pytest

from audit.models import Tenant
from tests.audit.api.caller import Caller, caller


@pytest.fixture
def platform(acme: Tenant) -> Caller:
    return caller(acme)
