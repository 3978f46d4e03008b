"""`create_tenant`: a tenant with its first admin, whose password is given or made."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audit.models import AuditEntry, Person, Role, Tenant
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_password_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUDITSITE_PASSWORD", raising=False)
    monkeypatch.delenv("AUDITSITE_PASSWORD_FILE", raising=False)


def create(slug: str = "acme", *more: str) -> str:
    out = StringIO()
    call_command("create_tenant", slug, "--name", "Acme", "--admin", "Ana@acme.example", *more, stdout=out)
    return out.getvalue()


def test_a_password_is_made_and_printed() -> None:
    lines = create().splitlines()

    ana = Person.objects.get(email="ana@acme.example")
    assert lines[0] == "Tenant acme (Acme), admin ana@acme.example."
    assert ana.check_password(lines[1].removeprefix("Password: "))
    assert ana.memberships.get().role == Role.ADMIN
    entry = AuditEntry.objects.of(Tenant.objects.get()).get()
    assert entry.event == "tenant_user_management.user_invited"
    assert entry.done_by == "Command line"


def test_a_given_password_is_taken_and_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDITSITE_PASSWORD", PASSWORD)

    answer = json.loads(create("acme", "--json"))

    assert answer["password"] is None
    assert (answer["tenant"], answer["admin"]) == ("acme", "ana@acme.example")
    assert Person.objects.get().check_password(PASSWORD)


def test_a_password_is_taken_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "password"
    monkeypatch.setenv("AUDITSITE_PASSWORD_FILE", str(file))
    with pytest.raises(CommandError, match="AUDITSITE_PASSWORD_FILE cannot be read"):
        create()
    file.write_text(f"{PASSWORD}\n")

    create()

    assert Person.objects.get().check_password(PASSWORD)


def test_a_weak_password_makes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDITSITE_PASSWORD", "short")

    with pytest.raises(CommandError, match="at least 12 characters"):
        create()

    assert not Tenant.objects.exists()


def test_a_person_who_is_there_already_keeps_their_password() -> None:
    ana = Person.objects.create_user("ana@acme.example", PASSWORD)

    shown = create()

    ana.refresh_from_db()
    assert "Password" not in shown
    assert ana.check_password(PASSWORD)
    assert ana.memberships.get().tenant.slug == "acme"


def test_a_taken_or_bad_slug_is_refused() -> None:
    create()

    with pytest.raises(CommandError, match="'acme' is taken already"):
        create()
    with pytest.raises(CommandError, match="slug: Write small letters"):
        create("Acme Ltd")
    with pytest.raises(CommandError, match="email: Enter a valid"):
        call_command("create_tenant", "other", "--name", "Other", "--admin", "nobody")
    assert Tenant.objects.count() == 1
