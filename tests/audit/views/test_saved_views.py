from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit import access, saved_views
from audit.models import Person, SavedView, Tenant, Workspace
from tests.audit.views.reading import LOG, LogPage, read
from tests.entries import NOON, make_entry

VIEWS = f"{LOG}views/"


def save(person: Person, name: str, filters: str, *, shared: bool = False) -> SavedView:
    membership = access.membership_of(person, slug="acme")
    may = access.may(membership)
    return saved_views.save(membership, name=name, filters=filters, now=NOON, may=may, shared=shared)


def told(client: Client, address: str = VIEWS) -> str:
    return " ".join(client.get(address).content.decode().split())


@pytest.fixture
def browser(client: Client, ana: Person) -> Client:
    """Ana's browser: an admin's."""
    client.force_login(ana)
    return client


def test_filters_are_saved_under_a_name_and_open_as_a_tab(browser: Client, acme: Tenant) -> None:
    make_entry(acme, "cases.case_shared")
    make_entry(acme)

    response = browser.post(VIEWS, {"name": " Cases ", "filters": "area=cases&before=x&q=", "open": "1"})

    view = SavedView.objects.get()
    assert (view.name, view.filters, view.tenant, view.shared) == ("Cases", "area=cases", acme, False)
    assert response["Location"] == f"{LOG}?view={view.pk}&area=cases"
    page = read(browser, response["Location"])
    assert len(page.rows) == 1
    assert page.link("Cases") == response["Location"]
    assert f'<a href="{LOG}?view={view.pk}&amp;area=cases" aria-current="page">' in page.html
    assert "Saved as “Cases”." in page.html
    assert browser.get(LOG)["Location"] == response["Location"]
    assert len(read(browser, page.link("All activity")).rows) == 2


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ({"name": "", "filters": "area=cases"}, "Give the view a name."),
        ({"name": "x", "filters": ""}, "choose a filter first"),
        ({"name": "x", "filters": "colour=red"}, "These filters cannot be used. colour:"),
        ({"name": "Cases", "filters": "area=cases"}, "You keep a view with the name “Cases” already."),
    ],
)
def test_what_cannot_be_saved_is_said_beside_what_was_typed(
    browser: Client, ana: Person, form: dict[str, str], reason: str
) -> None:
    save(ana, "Cases", "area=cases")

    response = browser.post(VIEWS, form)

    assert response.status_code == 400
    page = response.content.decode()
    assert reason in page
    assert f'value="{form["name"]}"' in page
    assert f'name="filters" value="{form["filters"]}"' in page
    assert SavedView.objects.count() == 1


def test_a_viewer_keeps_views_and_shares_none(
    client: Client, ana: Person, vic: Person, soc: Workspace
) -> None:
    shared = save(ana, "For all", f"workspace={soc.slug}", shared=True)
    client.force_login(vic)

    assert client.post(VIEWS, {"name": "Mine", "filters": "area=cases"}).status_code == 302
    assert client.post(VIEWS, {"name": "Ours", "filters": "area=cases", "shared": "1"}).status_code == 403
    own = SavedView.objects.get(name="Mine")
    assert client.post(f"{VIEWS}{own.pk}/", {"do": "share"}).status_code == 403
    for deed in ("rename", "replace", "take_back", "delete"):
        form = {"do": deed, "name": "Changed", "filters": "area=cases"}
        assert client.post(f"{VIEWS}{shared.pk}/", form).status_code == 403
    assert client.post(f"{VIEWS}opening/", {"everybody": str(shared.pk)}).status_code == 403
    page = told(client)
    assert "For all" in page
    assert page.count('value="rename"') == 1
    assert 'value="share"' not in page
    assert 'name="shared"' not in client.get(LOG, {"area": "cases"}).content.decode()


def test_a_view_of_another_person_or_tenant_is_not_found(
    browser: Client, vic: Person, globex: Tenant
) -> None:
    theirs = SavedView.objects.create(
        tenant=globex, owner=None, name="Secret plan", filters="area=cases", created_at=NOON, changed_at=NOON
    )

    for view in (save(vic, "Vic's secret", "area=cases"), theirs):
        assert browser.get(LOG, {"view": str(view.pk)}).status_code == 404
        assert browser.get(LOG, {"view": str(view.pk), "area": "cases"}).status_code == 404
        assert browser.post(f"{VIEWS}{view.pk}/", {"do": "delete"}).status_code == 404
        assert browser.post(f"{VIEWS}opening/", {"mine": str(view.pk)}).status_code == 404
    assert browser.get(f"/t/globex/audit-log/views/{theirs.pk}/").status_code == 404
    assert "secret" not in told(browser).lower()
    assert SavedView.objects.count() == 2


def test_a_view_is_renamed_replaced_shared_taken_back_and_deleted(browser: Client, ana: Person) -> None:
    view = save(ana, "Cases", "area=cases")
    door = f"{VIEWS}{view.pk}/"

    assert browser.post(door, {"do": "rename", "name": "Entrances"})["Location"] == VIEWS
    replaced = browser.post(door, {"do": "replace", "filters": "area=users&entry=7"})
    browser.post(door, {"do": "share"})

    assert replaced["Location"] == f"{LOG}?view={view.pk}&area=users"
    view.refresh_from_db()
    assert (view.name, view.filters, view.shared) == ("Entrances", "area=users", True)
    browser.post(door, {"do": "take_back"})
    view.refresh_from_db()
    assert view.owner == ana
    browser.post(door, {"do": "paint"})
    assert "“do” is one of rename, replace, share, take_back, delete." in told(browser)
    browser.post(door, {"do": "delete"})
    assert not SavedView.objects.exists()
    assert "“Entrances” is deleted." in told(browser)


def test_nothing_changes_by_a_link_or_without_the_forms_token(browser: Client, ana: Person) -> None:
    view = save(ana, "Cases", "area=cases")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ana)

    assert browser.get(f"{VIEWS}{view.pk}/", {"do": "delete"}).status_code == 405
    assert strict.post(f"{VIEWS}{view.pk}/", {"do": "delete"}).status_code == 403
    assert strict.post(VIEWS, {"name": "x", "filters": "area=cases"}).status_code == 403
    assert SavedView.objects.count() == 1


def test_what_a_log_opens_with_is_chosen_for_oneself_and_for_everybody(
    browser: Client, ana: Person, vic: Person
) -> None:
    shared, own = save(ana, "For all", "area=cases", shared=True), save(ana, "Mine", "area=users")
    door, viewer = f"{VIEWS}opening/", Client()
    viewer.force_login(vic)

    browser.post(door, {"everybody": str(own.pk)})
    assert "Share the view first" in told(browser)
    browser.post(door, {"everybody": str(shared.pk)})
    browser.post(door, {"mine": str(own.pk)})

    assert viewer.get(LOG)["Location"] == f"{LOG}?view={shared.pk}&area=cases"
    assert browser.get(LOG)["Location"] == f"{LOG}?view={own.pk}&area=users"
    browser.post(door, {"mine": "all"})
    assert browser.get(LOG).status_code == 200
    browser.post(door, {"mine": "tenant"})
    assert browser.get(LOG)["Location"] == f"{LOG}?view={shared.pk}&area=cases"
    assert "What is chosen for everybody (For all)" in told(browser)


def test_saved_filters_that_can_no_longer_be_used_say_so(browser: Client, ana: Person, acme: Tenant) -> None:
    make_entry(acme)
    view = save(ana, "Old", "workspace=gone")

    page = read(browser, f"{LOG}?view={view.pk}&workspace=gone")

    assert page.rows == []
    assert "The view “Old” was saved with filters that can no longer be used." in page.html
    assert "Can no longer be used:" in told(browser)


def test_the_menu_offers_what_can_be_saved(browser: Client, ana: Person) -> None:
    view = save(ana, "Cases", "area=cases")

    assert "Nothing to save yet" in told(browser, LOG)
    assert "Save changes to" not in told(browser, f"{LOG}?view={view.pk}&area=cases")
    changed = told(browser, f"{LOG}?view={view.pk}&area=users")
    assert "Save changes to “Cases”" in changed
    assert ": its filters were changed" in changed
    assert 'name="filters" value="area=users"' in changed
    assert "cannot be used are not saved" in told(browser, f"{LOG}?colour=red")


def test_names_are_shown_as_what_they_are(browser: Client, ana: Person) -> None:
    save(ana, "<b>bold</b>", "area=cases")

    for address in (LOG, VIEWS):
        page = LogPage(browser.get(address).content.decode())
        assert "<b>bold" not in page.html
        assert page.link("<b>bold</b>")


def test_the_views_cost_the_log_one_question(browser: Client, ana: Person) -> None:
    views = [save(ana, f"View {number}", "area=cases") for number in range(3)]

    for address in (LOG, f"{LOG}?view={views[0].pk}&area=cases"):
        with CaptureQueriesContext(connection) as asked:
            read(browser, address)
        about = [one["sql"] for one in asked.captured_queries if 'FROM "audit_savedview"' in one["sql"]]
        assert len(about) == 1
