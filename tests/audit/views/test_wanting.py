from __future__ import annotations

import pytest
from django.http import QueryDict
from django.test import RequestFactory

from audit.models import Person, Tenant, Workspace
from audit.views import wanting
from audit.views.export import ExportView
from tests.entries import make_entry


@pytest.fixture
def view(rf: RequestFactory, acme: Tenant, ana: Person) -> ExportView:
    request = rf.post("/")
    request.user = ana
    view = ExportView()
    view.setup(request, slug=acme.slug)
    return view


def words(view: ExportView, query: str) -> tuple[str, ...]:
    return wanting.wanted(view, QueryDict(f"format=csv&{query}"))[0].words


def test_what_is_asked_for_is_said_as_the_page_says_it(view: ExportView, soc: Workspace) -> None:
    assert words(view, "") == ()
    assert words(view, "range=7d&by=backup&not.category=user_actions") == (
        "Last 7 days", "Done by is backup", "Category is not User actions",
    )  # fmt: skip
    assert words(view, "from=2026-11-01&to=2026-11-05T10:15") == ("From 2026-11-01 to 2026-11-05 10:15",)
    assert words(view, f"workspace={soc.slug}&parameter=name&equals=x") == ("Workspace is SOC", "name is x")


def test_what_came_up_to_now_is_counted(view: ExportView, acme: Tenant) -> None:
    for who in ("backup", "backup", "ana@acme.example"):
        make_entry(acme, by=who)

    asked, entries = wanting.wanted(view, QueryDict("format=json&by=backup&compress=gzip"))
    make_entry(acme, by="backup")

    assert (asked.promised, asked.last_sequence, entries.count()) == (2, 3, 2)
    assert (asked.file_format, asked.filters, asked.compressed) == ("json", "by=backup", True)


@pytest.mark.parametrize(
    ("query", "name"),
    [("format=xlsx", "format"), ("format=csv&compress=zip", "compress"), ("format=csv&colour=red", "colour")],
)
def test_what_cannot_be_had_is_named(view: ExportView, query: str, name: str) -> None:
    with pytest.raises(wanting.NotWanted) as refused:
        wanting.wanted(view, QueryDict(query))

    assert [given for given, _ in refused.value.problems] == [name]
