from __future__ import annotations

from django.template import Context, Template
from django.utils.html import strip_tags

from audit.models import AuditEntry, Tenant
from audit.tables import AuditEntryTable
from audit.views.addresses import Address
from tests.entries import NOON, make_entry


def shown(entry: AuditEntry, *, current: str = "") -> str:
    table = AuditEntryTable([entry], current=current)
    context = Context({"table": table, "address": Address("/t/acme/audit-log/", (("q", "x"),)), "now": NOON})
    return Template('{% include "audit/table.html" %}').render(context)


def test_the_columns_are_the_products_seven_in_its_order() -> None:
    assert [column.header for column in AuditEntryTable([]).columns] == [
        "Category", "Action", "Parameters", "Details", "Workspace", "Done by", "Date and Time",
    ]  # fmt: skip


def test_an_empty_workspace_means_the_tenant_as_a_whole(acme: Tenant) -> None:
    assert "Only what belongs to the tenant as a whole" in shown(make_entry(acme))


def test_a_service_account_and_the_system_show_name_and_kind(acme: Tenant) -> None:
    robot = " ".join(strip_tags(shown(make_entry(acme, by="backup"))).split())

    assert "backup" in robot
    assert "Service account" in robot


def test_a_clock_that_is_off_is_flagged(acme: Tenant) -> None:
    off = make_entry(acme, at=NOON.replace(year=2025), now=NOON)

    assert "Clock is off" in shown(off)
    assert "Clock is off" not in shown(make_entry(acme))


def test_a_row_and_its_parameters_lead_on_with_the_filters_kept(acme: Tenant) -> None:
    entry = make_entry(acme, parameters={"name": "A & B"})

    html = shown(entry, current=str(entry.pk))

    assert f'href="/t/acme/audit-log/?q=x&amp;entry={entry.pk}"' in html
    assert 'href="/t/acme/audit-log/?q=x&amp;p.name=A+%26+B"' in html
    assert 'class="is-current" aria-current="true"' in html


def test_no_value_of_an_entry_becomes_markup(acme: Tenant) -> None:
    bad = "<script>alert(1)</script>\"'\u202e"
    entry = make_entry(acme, by="<b>@acme.example", parameters={bad: bad}, details=bad)

    html = shown(entry)

    assert "<script" not in html
    assert "<b>" not in html
    assert html.count("&lt;script&gt;") >= 3
    assert 'data-code="U+202E"' in html
