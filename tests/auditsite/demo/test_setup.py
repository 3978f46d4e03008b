"""The demo: whole after the first start, left alone by the second, its stream led to where the intake is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from audit import keys
from audit.management.seeding import writing
from audit.models import ApiKey, AuditEntry, Membership, Person, Role, Tenant
from auditsite.demo import setup
from streaming import environment
from streaming.models import Stream

Prepare = Callable[..., list[str]]


@pytest.fixture
def prepare(db: None, settings: Settings, tmp_path: Path) -> Iterator[Prepare]:  # noqa: ARG001 - opens the database
    settings.DATA_DIR = tmp_path
    settings.OUTBOUND_ALLOW = "127.0.0.1"
    environment.policy.cache_clear()

    def prepared(*, intake_port: int = 8443) -> list[str]:
        now = datetime.now(UTC)
        return setup.prepare(intake_port=intake_port, intake_dir=tmp_path / "intake", now=now, entries=300)

    yield prepared
    environment.policy.cache_clear()


def test_the_first_start_makes_all_of_it(prepare: Prepare, tmp_path: Path) -> None:
    lines = prepare()

    acme = Tenant.objects.get(slug="acme")
    assert AuditEntry.objects.of(acme).filter(producer="platform").count() == 300
    roles = {m.person.email: m.role for m in Membership.objects.filter(tenant=acme).select_related("person")}
    assert roles == {setup.ANA: Role.ADMIN, setup.AUD: Role.AUDITOR, setup.VIC: Role.VIEWER}
    assert {tenant.slug for tenant in Tenant.objects.filter(memberships__person__email=setup.ANA)} == {
        "acme",
        "globex",
    }
    assert Membership.objects.get(person__email=setup.VIC).workspaces.count() == 1
    assert Person.objects.get(email=setup.STAFF).is_superuser
    key = (tmp_path / "demo-api-key").read_text()
    assert keys.recognise(key, now=datetime.now(UTC)).tenant == acme
    assert (tmp_path / "demo-api-key").stat().st_mode & 0o777 == 0o600
    stream = acme.streams.get()
    assert (stream.enabled, stream.url) == (True, "https://127.0.0.1:8443")
    assert any(setup.PASSWORD in line for line in lines)
    assert not any(key in line for line in lines)


def test_everybody_of_the_demo_signs_in_with_the_password_that_is_printed(
    prepare: Prepare, client: Client
) -> None:
    prepare()

    for email in (setup.ANA, setup.AUD, setup.VIC, setup.GUS, setup.STAFF):
        client.logout()
        client.post("/accounts/login/", {"login": email, "password": setup.PASSWORD})
        assert "_auth_user_id" in client.session


def test_the_second_start_changes_nothing(prepare: Prepare) -> None:
    first = prepare()
    Person.objects.filter(email=setup.ANA).update(name="Ana was here")
    before = AuditEntry.objects.count()

    assert prepare() == first

    assert AuditEntry.objects.count() == before
    assert ApiKey.objects.count() == 1
    assert Person.objects.get(email=setup.ANA).name == "Ana was here"


def test_the_stream_follows_the_intake_to_another_port(prepare: Prepare) -> None:
    prepare()

    prepare(intake_port=9443)

    assert Stream.objects.get().url == "https://127.0.0.1:9443"


def test_a_stream_that_a_person_changed_is_left_alone(prepare: Prepare) -> None:
    prepare()
    Stream.objects.update(url="https://splunk.acme.example", enabled=False)

    prepare(intake_port=9443)

    stream = Stream.objects.get()
    assert (stream.url, stream.enabled) == ("https://splunk.acme.example", False)


def test_a_lost_or_revoked_key_is_replaced(prepare: Prepare, tmp_path: Path) -> None:
    prepare()
    first = (tmp_path / "demo-api-key").read_text()
    ApiKey.objects.update(revoked_at=datetime.now(UTC))

    prepare()

    second = (tmp_path / "demo-api-key").read_text()
    assert second != first
    assert keys.recognise(second, now=datetime.now(UTC)).name == "platform"


def test_a_start_that_was_interrupted_is_made_whole_by_the_next(
    prepare: Prepare, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_args: object, **_options: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(writing, "seed", interrupted)
        with pytest.raises(KeyboardInterrupt):
            prepare()
    assert not Tenant.objects.exists()

    prepare()

    assert AuditEntry.objects.filter(producer="platform", tenant__slug="acme").count() == 300
