"""Taking entries away as a file: exactly what the filters show, recorded before the first byte."""

from __future__ import annotations

import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html

from audit import access, exporting, queries
from audit.callers import request_context
from audit.exports import asking
from audit.exports.asking import Asker, TooMany, Wanted
from audit.models.entries import EntryQuerySet
from audit.templatetags.moments import duration
from audit.views.tenant_view import TenantView
from audit.views.wanting import GZIP, NotWanted, wanted

MOST_AT_ONCE = queries.COUNTED
"""So many entries are streamed in the answer; a worker writes larger files."""
_REFUSED = re.compile(r"q\s*=\s*0(\.0*)?")


class ExportingView(TenantView):
    """What every page about exports shares: who may, and how it says no."""

    def permit(self) -> None:
        access.require(allowed=self.may.export, to="export entries")

    @property
    def asker(self) -> Asker:
        return Asker(self.tenant, self.person, request_context(self.request))

    def prepare(self, asked: Wanted) -> HttpResponse | None:
        """Have a worker write it, and say so; an answer only where the person may not now."""
        try:
            export = asking.ask(asked, by=self.asker, now=timezone.now())
        except TooMany as refusal:
            seconds = max(int((refusal.again_at - timezone.now()).total_seconds()), 1)
            reason = f"{refusal} The next one can be started in {duration(seconds, parts=1)}."
            response = self.refused([("Too many", reason)], status=429)
            response["Retry-After"] = str(seconds)
            return response
        note = "{} is being prepared: {} entries. It will be ready under <a href='{}'>Exports</a>."
        address = reverse("audit:exports", args=[self.tenant.slug])
        messages.success(self.request, format_html(note, export.name, f"{asked.promised:,}", address))
        return None

    def refused(self, problems: list[tuple[str, str]], *, status: int = 400) -> HttpResponse:
        return self.render("audit/export_refused.html", {"problems": problems}, status=status)


class ExportView(ExportingView):
    """`POST …/export/` with `format` and the page's filters; by a GET, any site could cause entries."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, slug: str) -> HttpResponseBase:
        try:
            asked, entries = wanted(self, request.POST)
        except NotWanted as refusal:
            return self.refused(refusal.problems)
        if asked.promised > MOST_AT_ONCE:
            log = reverse("audit:log", args=[slug])
            there = f"{log}?{asked.filters}" if asked.filters else log
            return self.prepare(asked) or HttpResponseRedirect(there)
        asking.record(asked, by=self.asker, now=timezone.now())
        return self._file(entries, asked)

    def _file(self, entries: EntryQuerySet, asked: Wanted) -> StreamingHttpResponse:
        """A compressed file is one that is saved so; else it is only sent so, to a reader that unpacks what arrives.

        One that would not have the number of entries that was recorded breaks off, and the browser says so.
        """
        file_format = exporting.FORMATS[asked.file_format]
        pieces = exporting.rows(entries, file_format, tally=exporting.Tally(asked.promised))
        name = exporting.file_name(self.tenant.slug, file_format, self.now, number=asked.promised)
        kind = file_format.content_type
        packed = not asked.compressed and _unpacks(self.request.headers.get("Accept-Encoding", ""))
        if asked.compressed:
            name, kind = f"{name}.gz", "application/gzip"
        if asked.compressed or packed:
            pieces = exporting.gzipped(pieces)
        response = StreamingHttpResponse(pieces, content_type=kind)
        if packed:
            response["Content-Encoding"] = GZIP
        patch_vary_headers(response, ["Accept-Encoding"])
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["X-Content-Type-Options"] = "nosniff"
        return response


def _unpacks(accepted: str) -> bool:
    """Whether a reader's Accept-Encoding names gzip, other than to refuse it (RFC 9110, 12.5.3)."""
    for item in accepted.lower().split(","):
        coding, _, weight = item.partition(";")
        if coding.strip() == GZIP:
            return not _REFUSED.fullmatch(weight.strip())
    return False
