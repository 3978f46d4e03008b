"""Taking entries away as a file: exactly what the filters show, recorded before the first byte."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from audit import access, exporting, queries, recording
from audit.callers import actor_of, request_context
from audit.catalog.areas.tenant_admin_settings import AUDIT_LOGS_EXPORTED
from audit.drafts import Draft
from audit.filters import AuditEntryFilter
from audit.models.entries import EntryQuerySet
from audit.views.addresses import Address, tidy
from audit.views.tenant_view import TenantView

# Names in the form that are no filters.
OWN_FIELDS = frozenset({"format", "compress", "csrfmiddlewaretoken"})
GZIP = "gzip"
# A file's rows are counted before it begins. What takes longer to find is to be narrowed.
LONGEST_COUNT = 15
_REFUSED = re.compile(r"q\s*=\s*0(\.0*)?")


class ExportView(TenantView):
    """`POST …/export/` with `format` and the page's filters; by a GET, any site could cause entries."""

    http_method_names = ["post"]

    def permit(self) -> None:
        access.require(allowed=self.may.export, to="export entries")

    def post(self, request: HttpRequest, slug: str) -> HttpResponseBase:  # noqa: ARG002 - in the address
        address = tidy(request.path, request.POST).without(*OWN_FIELDS)
        file_format = exporting.FORMATS.get(request.POST.get("format", ""))
        if file_format is None:
            known = ", ".join(exporting.FORMATS)
            return self._refused(address, [("format", f"Choose one of: {known}.")])
        if request.POST.get("compress", "") not in {"", GZIP}:
            return self._refused(address, [("compress", f"Write {GZIP}, or leave it out.")])
        filters = AuditEntryFilter(
            dict(request.POST.lists()),
            queryset=self.readable(),
            tenant=self.tenant,
            now=self.now,
            workspaces=self.may.workspaces,
            also=OWN_FIELDS,
        )
        if filters.problems:
            return self._refused(address, [(name, " ".join(why)) for name, why in filters.problems.items()])
        entries = filters.found.filter(sequence__lte=queries.last_sequence(self.tenant))
        number = self._counted(entries)
        if number is None:
            return self._refused(address, [("The search", "took too long: narrow it, for example by time.")])
        self._record(number, file_format.name, address)
        return self._file(entries, file_format, number=number, compress=request.POST.get("compress") == GZIP)

    @staticmethod
    def _counted(entries: EntryQuerySet) -> int | None:
        try:
            with queries.time_limit(seconds=LONGEST_COUNT), queries.sparing(entries):
                return entries.count()
        except queries.TookTooLong:
            return None

    def _file(
        self, entries: EntryQuerySet, file_format: exporting.FileFormat, *, number: int, compress: bool
    ) -> StreamingHttpResponse:
        """A compressed file is one that is saved so; else it is only sent so, to a reader that unpacks what arrives.

        One that would not have the number of entries that was recorded breaks off, and the browser says so.
        """
        pieces = exporting.rows(entries, file_format, tally=exporting.Tally(number))
        name = exporting.file_name(self.tenant.slug, file_format, self.now, number=number)
        kind = file_format.content_type
        packed = not compress and _unpacks(self.request.headers.get("Accept-Encoding", ""))
        if compress:
            name, kind = f"{name}.gz", "application/gzip"
        if compress or packed:
            pieces = exporting.gzipped(pieces)
        response = StreamingHttpResponse(pieces, content_type=kind)
        if packed:
            response["Content-Encoding"] = GZIP
        patch_vary_headers(response, ["Accept-Encoding"])
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["X-Content-Type-Options"] = "nosniff"
        return response

    def _record(self, number: int, file_format: str, address: Address) -> None:
        """Decision 8: who took what away. Nothing is sent unless this is in the log."""
        parameters = {"format": file_format, "filters": address.query or "none", "row_count": number}
        draft = Draft(
            event=AUDIT_LOGS_EXPORTED,
            actor=actor_of(self.person),
            parameters=parameters,
            context=request_context(self.request),
        )
        recording.record(tenant=self.tenant, draft=draft, now=timezone.now())

    def _refused(self, address: Address, problems: list[tuple[str, str]]) -> HttpResponse:
        return self.render(
            "audit/export_refused.html", {"problems": problems, "address": address}, status=400
        )


def _unpacks(accepted: str) -> bool:
    """Whether a reader's Accept-Encoding names gzip, other than to refuse it (RFC 9110, 12.5.3)."""
    for item in accepted.lower().split(","):
        coding, _, weight = item.partition(";")
        if coding.strip() == GZIP:
            return not _REFUSED.fullmatch(weight.strip())
    return False
