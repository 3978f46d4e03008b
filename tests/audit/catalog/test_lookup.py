"""The vocabulary: exactly the product's, with our extensions and a deployment's own beside it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from audit.catalog.kinds import Area, Category
from audit.catalog.lookup import CATALOG, COLUMNS, Catalog, CatalogFileError, UnknownEventError

HEADING = ",".join(COLUMNS)
EXTENSIONS = {
    "tenant_admin_settings.audit_log_streaming_enabled",
    "tenant_admin_settings.audit_log_streaming_disabled",
    "tenant_admin_settings.audit_log_streaming_settings_updated",
    "tenant_admin_settings.audit_log_streaming_removed",
    "tenant_admin_settings.audit_log_streaming_tested",
    "tenant_admin_settings.audit_log_streaming_held",
    "tenant_admin_settings.audit_log_streaming_recovered",
    "tenant_admin_settings.audit_log_replayed",
    "tenant_admin_settings.audit_log_set_asides_dismissed",
    "tenant_admin_settings.audit_log_retention_updated",
    "tenant_admin_settings.audit_log_retention_applied",
    "tenant_admin_settings.audit_log_viewed_by_staff",
    "users.sign_in_failed",
}


@pytest.fixture
def catalog() -> Catalog:
    """A small one of its own: what a test adds stays in it."""
    cases = Area("cases", "Cases")
    cases.event("case_shared", "Case shared", Category.USER_ACTIONS, "case_id", "Someone shared a case.")
    return Catalog([cases])


def _file(folder: Path, *lines: str) -> Path:
    file = folder / "events.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def test_the_products_events_are_all_there_word_for_word_and_in_order() -> None:
    with Path("tests/cases/events.csv").open(encoding="utf-8", newline="") as lines:
        wanted = [tuple(row[column] for column in COLUMNS) for row in csv.DictReader(lines)]

    ours = [
        (e.code, e.area.label, e.label, e.category.label, " ".join(e.parameters), e.description)
        for e in CATALOG.events()
        if not e.extension
    ]
    assert len(ours) == 83
    assert ours == wanted
    assert len({event[1] for event in ours}) == 14


def test_our_own_events_are_marked_as_extensions() -> None:
    assert {event.code for event in CATALOG.events() if event.extension} == EXTENSIONS


def test_the_same_label_in_two_areas_is_two_events() -> None:
    labels = [event.label for event in CATALOG.events() if not event.extension]

    assert {label for label in labels if labels.count(label) > 1} >= {"Field created", "User role changed"}
    assert len({event.code for event in CATALOG.events()}) == len(CATALOG.events())


def test_an_event_is_found_by_its_code() -> None:
    event = CATALOG.event("cases.case_shared")

    assert (event.label, event.area.label, event.category.label) == ("Case shared", "Cases", "User actions")


@pytest.mark.parametrize(
    ("code", "nearest"),
    [
        ("cases.case_shard", "cases.case_shared"),
        ("workflow.workflow_published", "workflows.workflow_published"),
        ("zzz", None),
        ("", None),
        ("x" * 100_000, None),
    ],
)
def test_an_unknown_code_is_answered_with_the_nearest(code: str, nearest: str | None) -> None:
    with pytest.raises(UnknownEventError) as unknown:
        CATALOG.event(code)

    assert unknown.value.nearest == nearest
    assert len(str(unknown.value)) < 400


def test_a_file_adds_events_to_a_known_area_and_to_a_new_one(catalog: Catalog, tmp_path: Path) -> None:
    catalog.extend(
        _file(
            tmp_path,
            HEADING,
            "cases.case_frozen,Cases,Case frozen,System configuration,case_id reason,Nobody may change it.",
            'vault.secret_read,Vault,"Secret, read",User actions,,',
            "vault.secret_made,Vault,Secret made,Setting updates,,",
        )
    )

    frozen, read = catalog.event("cases.case_frozen"), catalog.event("vault.secret_read")
    assert (frozen.extension, frozen.parameters) == (True, ("case_id", "reason"))
    assert (read.label, read.area.label, read.parameters) == ("Secret, read", "Vault", ())
    assert [event.code for event in catalog.events()] == [
        "cases.case_shared", "cases.case_frozen", "vault.secret_read", "vault.secret_made",
    ]  # fmt: skip
    assert [area.code for area in catalog.areas()] == ["cases", "vault"]


GOOD = "vault.secret_read,Vault,Secret read,User actions,,"


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([], "line 1: the columns have to be code,area,event"),
        (["code;area"], "line 1: the columns"),
        ([HEADING, GOOD, "vault.x,Vault"], "line 3: needs exactly 6 values"),
        ([HEADING, f"{GOOD},more"], "line 2: needs exactly 6 values"),
        ([HEADING, "Vault.Read,Vault,Read,User actions,,"], "line 2: 'Vault.Read' is no code"),
        ([HEADING, "vault,Vault,Read,User actions,,"], "line 2: 'vault' is no code"),
        ([HEADING, "vault.read,Vault, ,User actions,,"], "line 2: vault.read has no label"),
        ([HEADING, "vault.read,,Read,User actions,,"], "line 2: the column area is empty"),
        ([HEADING, "vault.read,Vault,Read,Secrets,,"], "line 2: 'Secrets' is no category; write one of: Setting"),
        ([HEADING, GOOD, GOOD], "line 3: the code vault.secret_read is taken"),
        ([HEADING, "cases.case_shared,Cases,Shared,User actions,,"], "line 2: the code cases.case_shared is taken"),
        ([HEADING, "cases.new,Case,New,User actions,,"], "line 2: the area cases is called 'Cases', not 'Case'"),
        ([HEADING, GOOD, "vault.b,Vaults,B,User actions,,"], "line 3: the area vault is called 'Vault'"),
        ([HEADING, '"vault.read'], "cannot be read"),
    ],
)  # fmt: skip
def test_a_bad_line_is_named_with_its_reason_and_nothing_is_added(
    catalog: Catalog, tmp_path: Path, lines: list[str], says: str
) -> None:
    with pytest.raises(CatalogFileError) as refused:
        catalog.extend(_file(tmp_path, *lines))

    assert says in str(refused.value)
    assert "events.csv" in str(refused.value)
    assert [event.code for event in catalog.events()] == ["cases.case_shared"]


def test_a_file_that_is_not_there_or_is_no_text_is_named(catalog: Catalog, tmp_path: Path) -> None:
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"\xff\xfe\x00")

    for file in (tmp_path / "nowhere.csv", tmp_path, binary):
        with pytest.raises(CatalogFileError, match=file.name):
            catalog.extend(file)
