from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from audit import queries
from audit.filters import options
from audit.filters.options import Scope
from audit.models import Tenant, Workspace
from tests.entries import NOON


@pytest.fixture
def scope(acme: Tenant) -> Scope:
    return Scope(acme, queries.readable(acme), NOON)


def test_actions_with_one_label_in_two_areas_carry_their_area(scope: Scope) -> None:
    labels = dict(options.actions(scope))

    assert labels["tables.field_created"] == "Field created (Tables)"
    assert labels["workflows.workflow_published"] == "Workflow published"
    assert len(set(labels.values())) == len(labels)


def test_workspaces_come_with_the_tenant_as_a_whole(scope: Scope, soc: Workspace, lab: Workspace) -> None:
    assert options.workspaces(scope) == [
        ("none", "Tenant (no workspace)"),
        ("lab", lab.name),
        ("soc", soc.name),
    ]


def test_a_viewer_is_offered_what_he_may_read(acme: Tenant, soc: Workspace, lab: Workspace) -> None:
    scope = Scope(acme, queries.readable(acme), NOON, frozenset({lab.pk}))

    assert options.workspaces(scope) == [("lab", "Lab")]
    with pytest.raises(ValidationError, match=soc.slug):
        options.workspace(scope, soc.slug)


def test_workspaces_of_other_tenants_are_not_known(scope: Scope, globex: Tenant) -> None:
    Workspace.objects.create(tenant=globex, slug="secret", name="Secret")

    assert len(options.workspaces(scope)) == 1
    with pytest.raises(ValidationError):
        options.workspace(scope, "secret")


def test_a_refusal_names_the_nearest_or_what_there_is() -> None:
    assert options.refusal("sucess", ["success", "failure"]) == "“sucess” is unknown. Did you mean success?"
    assert options.refusal("zz", ["a", "b"]) == "“zz” is unknown. Known: a, b."
    assert options.refusal("zz", [str(n) for n in range(20)]).endswith("10, 11 and more.")


def test_a_network_is_read_with_and_without_its_host_part(scope: Scope) -> None:
    assert options.network(scope, "203.0.113.9/24") == "203.0.113.0/24"
    assert options.network(scope, "2001:DB8::1") == "2001:db8::1/128"
