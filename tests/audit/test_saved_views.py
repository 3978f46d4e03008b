from __future__ import annotations

from typing import Any

import pytest

from audit import access, saved_views
from audit.models import Membership, Person, SavedView, Tenant
from audit.saved_views import NotSaved
from tests.entries import NOON

FILTERS = "area=users"


def of(person: Person) -> Membership:
    """The person's membership, as a request reads it."""
    return access.membership_of(person, slug="acme")


def save(person: Person, name: str = "Sign-ins", **fields: Any) -> SavedView:
    membership = of(person)
    given = {"filters": FILTERS, "now": NOON, "may": access.may(membership), **fields}
    return saved_views.save(membership, name=name, **given)


def names(person: Person) -> list[str]:
    return [view.name for view in saved_views.visible(of(person))]


def opens_with(person: Person) -> str:
    view = saved_views.opening(of(person), saved_views.visible(of(person)))
    return view.name if view else "All activity"


def test_a_person_sees_what_is_shared_and_what_is_theirs(ana: Person, aud: Person, vic: Person) -> None:
    save(ana, "Zeta, for all", shared=True)
    save(ana, "Mine")
    save(vic, "Vic's")

    assert names(ana) == ["Zeta, for all", "Mine"]
    assert names(aud) == ["Zeta, for all"]
    assert names(vic) == ["Zeta, for all", "Vic's"]


def test_what_another_person_or_tenant_keeps_does_not_exist(
    ana: Person, vic: Person, gus: Person, globex: Tenant
) -> None:
    foreign = SavedView.objects.create(
        tenant=globex, owner=None, name="Theirs", filters=FILTERS, created_at=NOON, changed_at=NOON
    )

    for view in (save(vic), foreign):
        with pytest.raises(access.NotFound):
            saved_views.find(of(ana), view.pk)
    assert saved_views.find(access.membership_of(gus, slug="globex"), foreign.pk) == foreign


def test_only_admins_share_and_change_what_is_shared(ana: Person, aud: Person) -> None:
    auditor, shared, own = access.may(of(aud)), save(ana, shared=True), save(aud)

    for deed in (
        lambda: save(aud, "For all", shared=True),
        lambda: saved_views.share(own, now=NOON, may=auditor),
        lambda: saved_views.change(shared, now=NOON, may=auditor, name="Other"),
        lambda: saved_views.take_back(shared, of(aud), now=NOON, may=auditor),
        lambda: saved_views.remove(shared, may=auditor),
        lambda: saved_views.open_tenant_with(shared.tenant, shared, may=auditor),
    ):
        with pytest.raises(access.NotAllowed):
            deed()
    assert names(aud) == ["Sign-ins", "Sign-ins"]


def test_ones_own_view_is_changed_shared_taken_back_and_removed(ana: Person, aud: Person) -> None:
    may, view = access.may(of(ana)), save(ana)

    saved_views.change(view, now=NOON, may=may, name="Entrances", filters="area=saml")
    saved_views.share(view, now=NOON, may=may)
    saved_views.open_with(of(aud), view)

    assert names(aud) == ["Entrances"]
    assert saved_views.find(of(aud), view.pk).filters == "area=saml"
    assert opens_with(aud) == "Entrances"
    saved_views.take_back(view, of(ana), now=NOON, may=may)
    assert names(aud) == []
    assert opens_with(aud) == "All activity"
    assert names(ana) == ["Entrances"]
    saved_views.remove(view, may=may)
    assert names(ana) == []
    with pytest.raises(access.NotFound):
        saved_views.change(view, now=NOON, may=may, name="Gone")


def test_a_log_opens_with_what_the_person_chose_else_the_tenants_default(
    acme: Tenant, ana: Person, vic: Person
) -> None:
    may, own = access.may(of(ana)), save(vic, "Vic's")
    first, second = save(ana, "First", shared=True), save(ana, "Second", shared=True)

    saved_views.open_tenant_with(acme, first, may=may)
    saved_views.open_tenant_with(acme, second, may=may)

    assert opens_with(vic) == "Second"
    saved_views.open_with(of(vic), own)
    assert opens_with(vic) == "Vic's"
    saved_views.open_with(of(vic), None)
    assert opens_with(vic) == "All activity"
    assert opens_with(ana) == "Second"
    saved_views.open_tenant_with(acme, None, may=may)
    assert opens_with(ana) == "All activity"


def test_removing_a_default_leaves_the_next_best(acme: Tenant, ana: Person, vic: Person) -> None:
    may, own, shared = access.may(of(ana)), save(vic, "Vic's"), save(ana, "For all", shared=True)
    saved_views.open_tenant_with(acme, shared, may=may)
    saved_views.open_with(of(vic), own)

    saved_views.remove(own, may=access.may(of(vic)))
    assert opens_with(vic) == "For all"
    saved_views.remove(shared, may=may)
    assert opens_with(vic) == "All activity"


def test_only_what_everybody_sees_is_everybodys_default(acme: Tenant, ana: Person) -> None:
    with pytest.raises(NotSaved, match="Share the view first"):
        saved_views.open_tenant_with(acme, save(ana), may=access.may(of(ana)))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "Give the view a name"),
        ("  \t ", "Give the view a name"),
        ("x" * 61, "at most 60 characters; this one has 61"),
        ("ad\u202emin", "cannot be seen"),
        ("ad\u200bmin", "cannot be seen"),
    ],
)
def test_a_name_that_says_nothing_is_refused(ana: Person, name: str, reason: str) -> None:
    with pytest.raises(NotSaved, match=reason):
        save(ana, name)


def test_names_are_tidied_and_there_once(ana: Person, vic: Person) -> None:
    assert save(ana, "  Sign   ins ").name == "Sign ins"
    with pytest.raises(NotSaved, match=r"You keep a view with the name “SIGN INS” already\."):
        save(ana, "SIGN INS")
    assert save(ana, "می\u200cخواهم").name == "می\u200cخواهم"
    assert save(vic, "Sign ins").name == "Sign ins"
    assert save(ana, "Sign ins", shared=True).shared
    with pytest.raises(NotSaved, match="Your tenant shares a view"):
        saved_views.share(saved_views.visible(of(ana))[1], now=NOON, may=access.may(of(ana)))


def test_without_filters_there_is_nothing_to_save(ana: Person) -> None:
    with pytest.raises(NotSaved, match="choose a filter first"):
        save(ana, filters="")


def test_nobody_keeps_more_than_fifty(ana: Person, vic: Person) -> None:
    for number in range(saved_views.MOST):
        save(ana, f"View {number}")

    with pytest.raises(NotSaved, match="You keep 50 views already"):
        save(ana, "One more")
    shared = save(ana, "For all", shared=True)
    with pytest.raises(NotSaved, match="There are 50 views"):
        saved_views.take_back(shared, of(ana), now=NOON, may=access.may(of(ana)))
    assert save(vic).name == "Sign-ins"
