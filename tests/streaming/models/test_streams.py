from __future__ import annotations

import pytest
from django.db import IntegrityError

from audit.models import Tenant
from streaming.models import Stream


def test_a_stream_is_called_by_its_name_and_tenant(acme: Tenant) -> None:
    assert str(Stream(tenant=acme)) == "SIEM of Acme"


def test_a_stream_knows_whether_a_token_is_saved() -> None:
    assert not Stream().has_token
    assert Stream(token_encrypted=b"sealed").has_token


def test_a_name_is_taken_once_in_a_tenant(acme: Tenant, globex: Tenant) -> None:
    Stream.objects.create(tenant=acme, url="")
    Stream.objects.create(tenant=globex, url="")

    with pytest.raises(IntegrityError, match="stream_name_in_tenant"):
        Stream.objects.create(tenant=acme, url="")
