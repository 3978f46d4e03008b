"""Entries that the destination refused: what it said of each, and what a person does about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from audit.callers import actor_of, request_context
from audit.models import AuditEntry
from audit.people import By
from streaming import setting_aside
from streaming.models import SetAside
from streaming.setting_aside import ReasonMissing
from streaming.tasks import doorbell
from streaming.views.stream_page import StreamPage

PAGE_SIZE = 100
ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Row:
    """One set-aside and its entry; None where retention has removed that."""

    aside: SetAside
    entry: AuditEntry | None


class SetAsidesView(StreamPage):
    """The list, open ones or those that ended, by number; and the buttons beneath it."""

    def get(self, request: HttpRequest, slug: str, stream_id: UUID) -> HttpResponse:  # noqa: ARG002 - the address's
        return self._page()

    def post(self, request: HttpRequest, slug: str, stream_id: UUID) -> HttpResponse:  # noqa: ARG002
        given = request.POST
        sequences = _numbers([given["one"]] if "one" in given else given.getlist("sequence"))
        everything = given.get("do", "").endswith("_all")
        if not everything and not sequences:
            return self._page(problem="Choose entries first: tick them, or take all.", status=422)
        wanted = None if everything else sequences
        if given.get("do", "").startswith("dismiss"):
            try:
                return self._dismissed(wanted, given.get("because", ""))
            except ReasonMissing as missing:
                return self._page(problem=str(missing), status=422)
        return self._sent_again(wanted)

    def _sent_again(self, sequences: Sequence[int] | None) -> HttpResponse:
        number = setting_aside.send_again(self.chosen, sequences, by=self._by)
        if number:
            doorbell.ring(self.chosen.pk)
            noun = "entry goes" if number == 1 else "entries go"
            messages.success(
                self.request, f"{number:,} {noun} out again, one by one. Reload to see the answers."
            )
        else:
            messages.warning(
                self.request, "Nothing was changed: these entries were sent or dismissed meanwhile."
            )
        return redirect(self.request.get_full_path())

    def _dismissed(self, sequences: Sequence[int] | None, because: str) -> HttpResponse:
        number = setting_aside.dismiss(
            self.chosen, sequences, because=because, by=self._by, person=self.person
        )
        noun = "entry was" if number == 1 else "entries were"
        messages.success(self.request, f"{number:,} {noun} dismissed. They stay in the Audit Log.")
        return redirect(self.request.get_full_path())

    @property
    def _by(self) -> By:
        return By(actor_of(self.person), self.now, request_context(self.request))

    def _page(self, *, problem: str = "", status: int = 200) -> HttpResponse:
        ended = self.request.GET.get("show") == ENDED
        all_of_it = self.chosen.set_asides.order_by("sequence")
        numbers = {
            "open": all_of_it.filter(resolution="").count(),
            ENDED: all_of_it.exclude(resolution="").count(),
        }
        listed = all_of_it.exclude(resolution="") if ended else all_of_it.filter(resolution="")
        after = _number(self.request.GET.get("after", ""))
        rows = list(listed.filter(sequence__gt=after).select_related("resolved_by")[: PAGE_SIZE + 1])
        here = reverse("streaming:set_asides", args=[self.tenant.slug, self.chosen.pk])
        context = {
            "rows": self._with_entries(rows[:PAGE_SIZE]),
            "more": rows[PAGE_SIZE - 1].sequence if len(rows) > PAGE_SIZE else None,
            "after": after,
            "ended": ended,
            "numbers": numbers,
            "here": here,
            "problem": problem,
            "stream": self.chosen,
            "home": self.home,
            "because": self.request.POST.get("because", ""),
        }
        return self.render("streaming/set_asides.html", context, status=status)

    def _with_entries(self, rows: Sequence[SetAside]) -> list[Row]:
        numbers = [row.sequence for row in rows]
        found = AuditEntry.objects.of(self.tenant).filter(sequence__in=numbers).defer("body", "search")
        entries = {entry.sequence: entry for entry in found}
        return [Row(row, entries.get(row.sequence)) for row in rows]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _numbers(texts: Sequence[str]) -> list[int]:
    return [number for text in texts if (number := _number(text))]
