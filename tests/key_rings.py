"""Three keys, and rings of them as the operator has them in the environment."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from pytest_django.fixtures import Settings as DjangoSettings

from streaming import environment
from streaming.encryption import KeyRing

FIRST, SECOND, THIRD = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2, 3))
UseKeys = Callable[..., KeyRing]


@pytest.fixture
def use_keys(settings: DjangoSettings) -> UseKeys:
    """Have these keys from now on; the first one encrypts."""

    def use(*keys: str) -> KeyRing:
        settings.ENCRYPTION_KEYS = list(keys)
        environment.key_ring.cache_clear()
        return environment.key_ring()

    return use
