"""Send entries again: a range is asked for, counted, confirmed, and watched while it goes out."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from audit import access
from audit.callers import actor_of, request_context
from streaming import replaying
from streaming.configuring import Change
from streaming.models import Replay
from streaming.ranges import MOMENTS, NUMBERS, RangeForm
from streaming.replaying import Counted, ReplayRefused
from streaming.views.stream_page import StreamPage, a_day_before

SHOWN_BEFORE = 10


class ReplayView(StreamPage):
    """The page of one stream's replays; to htmx, how far the present one has come."""

    def get(self, request: HttpRequest, slug: str, stream_id: UUID) -> HttpResponse:  # noqa: ARG002 - the address's
        if request.htmx:  # type: ignore[attr-defined] # set by django-htmx
            return self._progress()
        return self._page(RangeForm(initial={"by": MOMENTS, "since": a_day_before(self.now)}))

    def _progress(self) -> HttpResponse:
        """How far the replay has come; when it has ended, the page is loaded anew, as another can be started then."""
        replay = replaying.latest(self.chosen)
        answer = self.render("streaming/partials/replay.html", {"replay": replay, "stream": self.chosen})
        if replay is None or not replay.is_open:
            answer["HX-Refresh"] = "true"
        return answer

    def post(self, request: HttpRequest, slug: str, stream_id: UUID) -> HttpResponse:  # noqa: ARG002
        if request.POST.get("do") in {"pause", "resume", "cancel"}:
            return self._steer(request.POST["do"])
        form = RangeForm(request.POST.dict())
        if not form.is_valid():
            return self._page(form, status=422)
        try:
            counted = replaying.count(self.chosen, form.span(self.chosen))
            if request.POST.get("do") != "start":
                return self._page(form, counted=counted)
            replaying.start(self.chosen, counted, change=self._change, now=self.now, by=self.person)
        except ReplayRefused as refused:
            return self._page(form, problem=str(refused), status=422)
        noun = "entry is" if counted.entries == 1 else "entries are"
        messages.success(request, f"{counted.entries:,} {noun} sent again, behind live delivery.")
        return redirect(request.path)

    @property
    def _change(self) -> Change:
        return Change(actor_of(self.person), request_context(self.request))

    def _steer(self, what: str) -> HttpResponse:
        """Pause, resume or cancel the replay that the button stood beside."""
        replay = self._named()
        if what == "pause":
            done, words = replaying.pause(replay), "The replay pauses. It keeps its place."
        elif what == "resume":
            done, words = replaying.resume(replay), "The replay goes on."
        else:
            done = replaying.cancel(replay, change=self._change, now=self.now)
            words = "The replay was cancelled. What was sent stays where it is."
        if done:
            messages.success(self.request, words)
        else:
            messages.warning(self.request, "Nothing was changed: the replay is in another state by now.")
        return redirect(self.request.path)

    def _named(self) -> Replay:
        try:
            wanted = UUID(self.request.POST.get("replay", ""))
        except ValueError:
            raise access.NotFound("no such replay") from None
        found = Replay.objects.filter(stream=self.chosen, pk=wanted).first()
        if found is None:
            raise access.NotFound(f"no replay {wanted}")
        return found

    def _page(
        self, form: RangeForm, *, counted: Counted | None = None, problem: str = "", status: int = 200
    ) -> HttpResponse:
        replays = list(self.chosen.replays.select_related("asked_by").order_by("-asked_at")[:SHOWN_BEFORE])
        context = {
            "form": form,
            "counted": counted,
            "fixed": NUMBERS,
            "problem": problem,
            "stream": self.chosen,
            "health": self.health,
            "home": self.home,
            "replay": replays[0] if replays else None,
            "replays": replays,
        }
        return self.render("streaming/replay.html", context, status=status)
