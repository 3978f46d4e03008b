from __future__ import annotations

from datetime import timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone

from audit import queries
from audit.catalog.lookup import CATALOG
from audit.drafts import Context, Target
from audit.filters import AuditEntryFilter, FilterError, filtered
from audit.models import Tenant, Workspace
from tests.entries import NOON, make_entry

WORKFLOW, CASE, LOGIN = "workflows.workflow_published", "cases.case_shared", "users.user_logged_in"


def found(tenant: Tenant, address: str) -> list[int]:
    """The sequences that an address finds, oldest first."""
    entries = filtered(queries.readable(tenant), QueryDict(address), tenant=tenant, now=NOON)
    return sorted(entries.values_list("sequence", flat=True))


def problems(tenant: Tenant, address: str) -> dict[str, list[str]]:
    with pytest.raises(FilterError) as refused:
        found(tenant, address)
    return refused.value.problems


def test_values_of_one_filter_are_alternatives_and_filters_narrow_each_other(acme: Tenant) -> None:
    make_entry(acme, WORKFLOW, by="ana@acme.example")
    make_entry(acme, CASE, by="ana@acme.example")
    make_entry(acme, LOGIN, by="ana@acme.example")
    make_entry(acme, CASE, by="bob@acme.example")

    assert found(acme, f"action={WORKFLOW}&action={CASE}") == [1, 2, 4]
    assert found(acme, f"action={WORKFLOW}&action={CASE}&by=ana@acme.example") == [1, 2]
    assert found(acme, "") == found(acme, "action=&q=&range=all") == [1, 2, 3, 4]


def test_category_and_area_are_found_by_code_and_by_the_words_that_people_see(acme: Tenant) -> None:
    make_entry(acme, WORKFLOW)
    make_entry(acme, LOGIN)

    assert found(acme, "category=user_actions") == found(acme, "category=User+actions") == [2]
    assert found(acme, "area=workflows") == found(acme, "area=Workflows") == [1]


def test_the_same_label_in_two_areas_is_two_actions(acme: Tenant) -> None:
    make_entry(acme, "case_related_tables.field_created")
    make_entry(acme, "tables.field_created")

    assert found(acme, "action=tables.field_created") == [2]


def test_every_choice_can_be_turned_round(acme: Tenant, soc: Workspace, lab: Workspace) -> None:
    make_entry(acme, WORKFLOW, workspace=soc, by="ana@acme.example")
    make_entry(acme, CASE, workspace=lab, by="bob@acme.example")
    make_entry(acme, LOGIN, by="backup")

    assert found(acme, f"not.action={WORKFLOW}&not.action={CASE}") == [3]
    assert found(acme, "not.category=user_actions") == [1]
    assert found(acme, "not.area=users") == [1, 2]
    assert found(acme, "not.by=backup") == [1, 2]
    assert found(acme, "not.workspace=soc") == [2, 3]
    assert found(acme, "not.workspace=none") == [1, 2]


def test_workspaces_are_found_by_slug_and_id_and_the_tenant_as_a_whole_by_none(
    acme: Tenant, soc: Workspace, lab: Workspace
) -> None:
    make_entry(acme, workspace=soc)
    make_entry(acme, workspace=lab)
    make_entry(acme)

    assert found(acme, "workspace=soc") == found(acme, f"workspace={soc.pk}") == [1]
    assert found(acme, "workspace=none") == [3]
    assert found(acme, "workspace=none&workspace=lab") == [2, 3]


def test_entries_of_a_workspace_that_is_gone_are_found_by_its_id(acme: Tenant, soc: Workspace) -> None:
    make_entry(acme, workspace=soc)
    gone = soc.pk
    soc.delete()

    assert found(acme, f"workspace={gone}") == [1]
    assert "workspace" in problems(acme, "workspace=soc")


def test_all_words_have_to_be_there_each_as_the_beginning_of_one(acme: Tenant) -> None:
    make_entry(
        acme, details="Signed in from a known device in Rotterdam, NL.", by="jonas.lindqvist@acme.example"
    )
    make_entry(acme, parameters={"workflow_name": "Phishing triage"}, details="")

    assert (
        found(acme, "q=rotter")
        == found(acme, "q=ROTTER+known")
        == found(acme, "q=lindqvist@acme.example")
        == [1]
    )
    assert found(acme, "q=phishing-tri") == found(acme, "q=workflow_name") == [2]
    assert found(acme, "q=rotter+phishing") == found(acme, "q=otterdam") == []


def test_words_of_every_script_are_found_without_regard_to_case(acme: Tenant) -> None:
    make_entry(acme, parameters={"name": "Überwachung – täglicher Report"})
    make_entry(acme, parameters={"name": "顧客リスト 2026"})

    assert found(acme, "q=%C3%BCberwach") == found(acme, "q=%C3%9CBERWACHUNG+T%C3%84GLICHER") == [1]
    assert found(acme, "q=%E9%A1%A7%E5%AE%A2") == [2]


@pytest.mark.parametrize(
    "text", ["'", "a' | 'b", "\\", "<->", "!x", "x:*", "(", "a&b", "%", "🙂x", "-- x", "½"]
)
def test_signs_in_a_search_mean_nothing_to_the_database(acme: Tenant, text: str) -> None:
    make_entry(acme)
    address = QueryDict(mutable=True)
    address["q"] = text
    filters = AuditEntryFilter(address, queryset=queries.readable(acme), tenant=acme, now=NOON)

    assert filters.problems or list(filters.found) == []


def test_details_are_searched_alone(acme: Tenant) -> None:
    make_entry(acme, details="Timeout raised.", by="timeout@acme.example")
    make_entry(acme, details="Other.", by="timeout@acme.example")

    assert found(acme, "q=timeout") == [1, 2]
    assert found(acme, "details=timeo+raised") == [1]


def test_a_range_reaches_back_from_now(acme: Tenant) -> None:
    for hours in (0, 5, 100, 1_000):
        make_entry(acme, at=NOON - timedelta(hours=hours))

    assert found(acme, "range=1h") == [1]
    assert found(acme, "range=24h") == [1, 2]
    assert found(acme, "range=7d") == [1, 2, 3]
    assert found(acme, "range=all") == [1, 2, 3, 4]


def test_from_and_to_count_whole_and_are_read_in_the_readers_zone(acme: Tenant) -> None:
    for second in (0, 59, 60):
        make_entry(acme, at=NOON + timedelta(seconds=second))

    with timezone.override("Europe/Amsterdam"):
        assert found(acme, "from=2026-11-24T13:00&to=2026-11-24T13:00") == [1, 2]
    assert found(acme, "from=2026-11-24T12:01") == [3]
    assert found(acme, "from=2026-11-24&to=2026-11-24") == [1, 2, 3]
    assert found(acme, "to=2026-11-23") == []


def test_parameters_are_found_by_how_their_value_is_written(acme: Tenant) -> None:
    for value in ("7", 7, True, "true", None, 1.5, ["7"], {"x": "7"}, "a b"):
        make_entry(acme, parameters={"version": value, "other": "7"})

    assert found(acme, "p.version=7") == [1, 2]
    assert found(acme, "p.version=true") == [3, 4]
    assert found(acme, "p.version=null") == [5]
    assert found(acme, "p.version=1.5&p.other=7") == [6]
    assert found(acme, "p.version=a+b&p.version=7") == [1, 2, 9]
    assert found(acme, "p.version=x") == found(acme, "p.none=7") == []


def test_addresses_are_found_alone_and_by_network(acme: Tenant) -> None:
    for ip in ("203.0.113.7", "203.0.113.8", "2001:db8::1", None):
        make_entry(acme, context=Context(ip=ip))

    assert found(acme, "ip=203.0.113.7") == [1]
    assert found(acme, "ip=203.0.113.0/24&ip=2001:db8::/32") == [1, 2, 3]


def test_targets_are_found_by_type_id_and_name(acme: Tenant) -> None:
    make_entry(acme, target=Target("case", id="C-12", name="Phish"))
    make_entry(acme, target=Target("workflow", name="case"))
    make_entry(acme)

    assert found(acme, "target=C-12") == found(acme, "target=Phish") == [1]
    assert found(acme, "target=case") == [1, 2]
    assert found(acme, "not.target=C-12") == [2, 3]


def test_what_was_left_out_by_a_filter_under_more_is_the_rest(acme: Tenant) -> None:
    make_entry(acme, outcome="failure", context=Context(ip="203.0.113.7"), parameters={"version": 7})
    other = make_entry(acme, by="backup", parameters={"version": "8"})

    assert found(acme, "not.ip=203.0.113.0/24") == found(acme, "not.outcome=failure") == [2]
    assert found(acme, "not.actor_type=system") == [1, 2]
    assert found(acme, f"not.id={other.pk}") == [1]
    assert found(acme, "not.p.version=7") == found(acme, "not.p.version=7&not.p.other=1") == [2]
    assert found(acme, "not.p.version=7&not.p.version=8") == []


def test_conditions_inside_the_search_count_like_those_beside_it(acme: Tenant) -> None:
    make_entry(acme, by="ana@acme.example", details="triage")
    make_entry(acme, by="bob@acme.example", details="triage")
    make_entry(acme, by="backup")

    assert found(acme, "q=by:ana@acme.example+triage") == [1]
    assert found(acme, "q=by:ana@acme.example&by=bob@acme.example") == [1, 2]
    assert found(acme, 'q=category:"System configuration"+-by:backup') == [1, 2]
    assert found(acme, 'q=action:"Workflow+published"+"triage"') == [1, 2]


def test_outcome_actor_type_and_id_narrow_too(acme: Tenant) -> None:
    make_entry(acme, outcome="failure")
    robot = make_entry(acme, by="backup")

    assert found(acme, "outcome=failure") == [1]
    assert found(acme, "actor_type=service_account") == [2]
    assert found(acme, f"id={robot.pk}") == [2]


@pytest.mark.parametrize(
    ("address", "name", "words"),
    [
        ("colour=red", "colour", "is no filter"),
        ("actoin=x", "actoin", "Did you mean action?"),
        ("action=workflows.workflow_publishd", "action", "Did you mean workflows.workflow_published?"),
        ("category=settings", "category", "unknown"),
        ("workspace=nowhere", "workspace", "Known: none"),
        ("range=8d", "range", "Known: 15m, 1h"),
        ("range=7d&range=1h", "range", "one value"),
        ("range=7d&from=2026-11-24", "range", "either a range"),
        ("from=yesterday", "from", "is no time"),
        ("from=2026-11-24&to=2026-11-23", "to", "before it begins"),
        ("q=---", "q", "letters or digits"),
        ("q=%00", "q", "no entry can hold"),
        ("by=%00", "by", "no entry can hold"),
        ("ip=300.1.1.1", "ip", "is no address"),
        ("id=7", "id", "UUID"),
        ("by=" + "x" * 501, "by", "at most 500"),
        ("&".join(f"by={n}" for n in range(101)), "by", "At most 100"),
        ("&".join(f"p.k{n}=" + "x" * 400 for n in range(30)), "q", "8,000 characters"),
        ("p.=7", "p.", "is no filter"),
        ("p.%00=7", "p.\x00", "is no filter"),
        ("before=x", "before", "is no filter"),
        ("parameter=name", "parameter", "Give both"),
        ("q=x+colour:red", "q", "“colour” is no filter"),
        ("q=category:nonsense", "category", "unknown"),
        ("q=from:2026-11-01&from=2026-11-02", "from", "one value"),
        ("q=by:x+---", "q", "letters or digits"),
        ("q=by:" + "x" * 500, "q", "at most 500"),
        ("q=-range:7d", "q", "cannot be excluded"),
        ("not.range=7d", "not.range", "is no filter"),
    ],
)
def test_what_cannot_be_used_is_named_with_the_reason(
    acme: Tenant, address: str, name: str, words: str
) -> None:
    assert words in " ".join(problems(acme, address)[name])


def test_an_action_of_an_earlier_vocabulary_is_found_as_long_as_the_log_holds_it(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_entry(acme, CASE)
    monkeypatch.delitem(CATALOG._events, CASE)
    monkeypatch.delitem(CATALOG._events, LOGIN)

    assert found(acme, f"action={CASE}") == [1]
    assert f"“{LOGIN}” is no event's code." in problems(acme, f"action={LOGIN}")["action"][0]


def test_names_that_the_caller_reads_himself_are_left_to_him(acme: Tenant) -> None:
    entries = filtered(
        queries.readable(acme), {"limit": "5", "by": ["x"]}, tenant=acme, now=NOON, also={"limit"}
    )

    assert list(entries) == []


def test_a_viewer_can_ask_for_own_workspaces_only(acme: Tenant, soc: Workspace) -> None:
    Workspace.objects.create(tenant=acme, slug="lab", name="Lab")
    mine = frozenset({soc.pk})
    readable = queries.readable(acme, workspaces=mine)

    with pytest.raises(FilterError, match="lab"):
        filtered(readable, QueryDict("workspace=lab"), tenant=acme, now=NOON, workspaces=mine)
