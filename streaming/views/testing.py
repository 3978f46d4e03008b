"""Test Connection behind its button: start a test of the values in the form, and show how far it has come."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from audit import access
from streaming.asking import ask_for_test
from streaming.checking import SettingsRefused
from streaming.forms import SettingsForm
from streaming.models import ConnectionTest
from streaming.tasks import BrokerAway, start_test
from streaming.views.stream_page import StreamPage

# htmx ends a poll at this status (htmx.org/docs, "polling").
STOP_POLLING = 286
TYPED = ("name", "entry_filter", "payload_format", "framing")
"""What a test does not keep: without JavaScript the address carries it back into the form."""


class TestView(StreamPage):
    """Start a test of the form's values as they stand, saved or not."""

    def post(self, request: HttpRequest, slug: str, stream_id: UUID | None = None) -> HttpResponse:  # noqa: ARG002
        form = self.form({**request.POST.dict(), "enabled": "on"})
        test = self._ask(form) if form.is_valid() else None
        if test is None:
            if request.htmx:  # type: ignore[attr-defined] # set by django-htmx
                return render(request, "streaming/partials/test_result.html", {"form": form})
            return self.page(form, status=422)
        if request.htmx:  # type: ignore[attr-defined] # set by django-htmx
            return self.render("streaming/partials/test_result.html", {"test": test})
        typed = {
            name: request.POST[name] for name in TYPED if name in form.changed_data and name in request.POST
        }
        return HttpResponseRedirect(f"{self.home}?{urlencode({'test': test.pk, **typed})}")

    def _ask(self, form: SettingsForm) -> ConnectionTest | None:
        try:
            test = ask_for_test(
                tenant=self.tenant, settings=form.settings(), stream=self.stream, by=self.person, now=self.now
            )
            start_test(test.pk)
        except SettingsRefused as refused:
            form.refuse(refused.errors)
            return None
        except BrokerAway as reason:
            form.refuse({"__all__": f"The test could not be started: {reason}"})
            return None
        return test


class TestResultView(StreamPage):
    """How far a test has come; the last answer ends the page's polling."""

    def get(self, request: HttpRequest, slug: str, test_id: UUID) -> HttpResponse:  # noqa: ARG002
        test = ConnectionTest.objects.filter(tenant=self.tenant, pk=test_id).first()
        if test is None:
            raise access.NotFound(f"no test {test_id}")
        status = STOP_POLLING if test.is_done else 200
        return self.render("streaming/partials/test_result.html", {"test": test}, status=status)
