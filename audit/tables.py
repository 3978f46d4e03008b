"""The table of the log: its seven columns, in the product's order (product.md, "The page: Audit Log")."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.db.models import Model

from audit.models import AuditEntry

# What a row shows needs neither the entry's bytes nor its search column.
NOT_SHOWN = ("body", "salt", "leaf_hash", "search", "target", "ip")


class EntryColumn(tables.TemplateColumn):  # type: ignore[misc] # django-tables2 has no types
    """A column drawn by `templates/audit/columns/<name>.html` from `record`; `width` is the class of its `<col>`.

    The table's template includes it: as a page of its own for each cell it would take twice the time of all the rest.
    """

    def __init__(self, label: str, *, template: str, width: str, **attrs: str) -> None:
        self.width = width
        super().__init__(
            template_name=f"audit/columns/{template}.html",
            verbose_name=label,
            orderable=False,
            attrs={"th": {"scope": "col", **attrs}},
        )


class AuditEntryTable(tables.Table):  # type: ignore[misc] # django-tables2 has no types
    """Rows of AuditEntry, newest first; paging is done by keyset before (audit.queries.page)."""

    category = EntryColumn("Category", template="category", width="col-cat")
    action = EntryColumn("Action", template="action", width="col-act")
    parameters = EntryColumn("Parameters", template="parameters", width="col-par")
    details = EntryColumn("Details", template="details", width="col-det")
    workspace_name = EntryColumn("Workspace", template="workspace", width="col-ws")
    done_by = EntryColumn("Done by", template="done_by", width="col-by")
    occurred_at = EntryColumn(
        "Date and Time", template="date_and_time", width="col-at", **{"aria-sort": "descending"}
    )

    class Meta:
        model: type[Model] = AuditEntry
        fields: tuple[str, ...] = ()
        sequence = ("category", "action", "parameters", "details", "workspace_name", "done_by", "occurred_at")

    def __init__(
        self, entries: list[AuditEntry], *, current: str = "", since: int | None = None, **kwargs: Any
    ) -> None:
        """`current` is the id of the entry that is open beside the table; what came after `since` is marked as new."""
        self.entries, self.current, self.since = entries, current, since
        super().__init__(entries, **kwargs)
        self.templates = [column.column.template_name for column in self.columns]
