"""The Exports page: what a person has taken away lately, how far each file is, and the way to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from audit import exporting
from audit.exports import asking, folders, links
from audit.models import Export, ExportState
from audit.views.export import ExportingView
from audit.views.wanting import GZIP, NotWanted, wanted

SHOWN = 50
# What a screen reader is told of: exports that run, and those that ended so lately.
JUST_NOW = timedelta(seconds=30)
_STEP = 20


@dataclass(frozen=True, slots=True)
class Row:
    """An export as the page shows it: `state` by the clock, how many are `ahead` of it, and the seconds `left`."""

    export: Export
    state: str
    ahead: int
    left: int | None

    @property
    def format_label(self) -> str:
        return self.export.file_format.partition("_")[0].upper()

    @property
    def told(self) -> str:
        """In a sentence for who cannot see it; progress in steps, so that it is not told all the time."""
        name, percent = self.export.name, self.export.percent // _STEP * _STEP
        return (
            f"{name}: {percent}% written." if self.state == ExportState.RUNNING else f"{name} {self.state}."
        )


class ExportsView(ExportingView):
    """`GET …/exports/`: the page, or to htmx its list; `told` is what a screen reader heard last."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        rows = self._rows()
        told = " ".join(row.told for row in rows if self._is_news(row.export))
        context: dict[str, Any] = {
            "rows": rows,
            "open": any(row.export.is_open for row in rows),
            "here": reverse("audit:exports", args=[slug]),
            "told": told,
            "news": told != request.GET.get("told", ""),
            "shown": SHOWN,
        }
        part = bool(request.htmx)  # type: ignore[attr-defined] # django-htmx sets it
        response = self.render("audit/exports_list.html" if part else "audit/exports.html", context)
        patch_vary_headers(response, ["HX-Request"])
        return response

    def _rows(self) -> list[Row]:
        found = Export.objects.of(self.tenant, self.person).select_related("person")[:SHOWN]
        queue = Export.objects.open().filter(tenant=self.tenant).values_list("number", flat=True)
        numbers = sorted(queue) if any(export.is_open for export in found) else []
        return [
            Row(
                export,
                ExportState.EXPIRED if self._is_over(export) else export.state,
                sum(number < export.number for number in numbers),
                self._seconds_left(export),
            )
            for export in found
        ]

    def _seconds_left(self, export: Export) -> int | None:
        left = export.seconds_left(now=self.now)
        return None if left is None else max(round(left), 1)

    def _is_over(self, export: Export) -> bool:
        return export.state == ExportState.READY and not export.downloadable(now=self.now)

    def _is_news(self, export: Export) -> bool:
        ended = export.finished_at
        return export.is_open or (ended is not None and self.now - ended < JUST_NOW)


class ExportActionView(ExportingView):
    """`POST …/exports/<id>/` with `do`: `download` gives a new link and leads there, `cancel`, `again`."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, slug: str, export_id: UUID) -> HttpResponseBase:
        export = Export.objects.of(self.tenant, self.person).filter(pk=export_id).first()
        doing = {"download": self._download, "cancel": self._cancel, "again": self._again}
        do = doing.get(request.POST.get("do", ""))
        if export is None or do is None:
            raise Http404("no such export of this person, or nothing that can be done with it")
        return do(export) or HttpResponseRedirect(reverse("audit:exports", args=[slug]))

    def _download(self, export: Export) -> HttpResponse | None:
        if not export.downloadable(now=self.now):
            messages.error(self.request, f"{export.name} has no file (any more). Ask for it again.")
            return None
        address = reverse("audit:export_file", args=[self.tenant.slug, links.make(export)])
        return HttpResponseRedirect(address)

    def _cancel(self, export: Export) -> None:
        if asking.cancel(export, now=self.now):
            messages.success(self.request, f"{export.name} was cancelled.")
        else:
            messages.error(self.request, f"{export.name} had ended before it could be cancelled.")

    def _again(self, export: Export) -> HttpResponse | None:
        """The same filters, for the log as it is now: an export of its own."""
        if export.is_open or export.downloadable(now=self.now):
            messages.error(self.request, f"{export.name} needs not be made again: it is here.")
            return None
        form = QueryDict(export.filters, mutable=True)
        form["format"], form["compress"] = export.file_format, GZIP if export.compressed else ""
        try:
            asked, _ = wanted(self, form)
        except NotWanted as refusal:
            return self.refused(refusal.problems)
        return self.prepare(asked)


class ExportFileView(ExportingView):
    """`GET …/exports/file/<token>/`: the file, once, to the person whose link it is (requirement I6)."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, slug: str, token: str) -> HttpResponseBase:  # noqa: ARG002 - in the address
        try:
            export = links.take(token, tenant=self.tenant, person=self.person, now=self.now)
        except links.LinkUsed as reason:
            return self._gone(str(reason))
        try:
            file = folders.path_of(export).open("rb")
        except FileNotFoundError:
            return self._gone(f"The file of {export.name} is not on this server. Tell your operator.")
        file_format = exporting.FORMATS[export.file_format]
        name = exporting.file_name(self.tenant.slug, file_format, export.asked_at, number=export.promised)
        kind = file_format.content_type
        if export.compressed:
            name, kind = f"{name}.gz", "application/gzip"
        response = FileResponse(file, as_attachment=True, filename=name, content_type=kind)
        response["X-Content-Type-Options"] = "nosniff"
        return response

    def _gone(self, reason: str) -> HttpResponse:
        return self.render("audit/export_gone.html", {"reason": reason}, status=410)
