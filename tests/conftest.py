"""Who and what the tests are about: two tenants, and people of each role in one of them."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from audit.models import Membership, Person, Role, Tenant, Workspace

pytest_plugins = [
    "tests.committing",
    "tests.fakes.intake",
    "tests.fakes.mail",
    "tests.key_rings",
    "tests.streams",
]

PASSWORD = "a long enough secret"


@pytest.fixture(autouse=True)
def plain_static_files(settings: Settings) -> None:
    """Names as they stand in `static/`: nothing has to be collected before a page is shown."""
    backend = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": backend}}
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture
def acme(db: None) -> Tenant:  # noqa: ARG001 - opens the database
    return Tenant.objects.create(slug="acme", name="Acme")


@pytest.fixture
def globex(db: None) -> Tenant:  # noqa: ARG001 - opens the database
    """The other side of the wall."""
    return Tenant.objects.create(slug="globex", name="Globex")


@pytest.fixture
def soc(acme: Tenant) -> Workspace:
    return Workspace.objects.create(tenant=acme, slug="soc", name="SOC")


@pytest.fixture
def lab(acme: Tenant) -> Workspace:
    """A workspace that vic may not read."""
    return Workspace.objects.create(tenant=acme, slug="lab", name="Lab")


@pytest.fixture
def ana(acme: Tenant) -> Person:
    """An admin of acme."""
    return _member("ana@acme.example", acme, Role.ADMIN)


@pytest.fixture
def aud(acme: Tenant) -> Person:
    """An auditor of acme."""
    return _member("aud@acme.example", acme, Role.AUDITOR)


@pytest.fixture
def vic(acme: Tenant, soc: Workspace) -> Person:
    """A viewer of acme's workspace soc."""
    person = _member("vic@acme.example", acme, Role.VIEWER)
    person.memberships.get().workspaces.add(soc)
    return person


@pytest.fixture
def gus(globex: Tenant) -> Person:
    """An admin of globex."""
    return _member("gus@globex.example", globex, Role.ADMIN)


def _member(email: str, tenant: Tenant, role: Role) -> Person:
    person = Person.objects.create_user(email, PASSWORD, name=email.partition("@")[0].capitalize())
    Membership.objects.create(person=person, tenant=tenant, role=role)
    return person
