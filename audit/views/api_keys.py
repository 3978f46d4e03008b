"""API keys of a tenant: what there is of each, making one, and ending one. Open to the tenant's admins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator

from audit import access, keys
from audit.callers import actor_of, request_context
from audit.forms import KeyForm
from audit.models import ApiKey
from audit.views.tenant_view import TenantView

# So long before it expires, a key is marked: time enough to change it in what uses it.
SOON = timedelta(days=14)
# In the session: forms that made a key. Sent again, as by reloading the page, they make no second one.
SENT, MOST_SENT = "key_forms", 20
MADE_ALREADY = "That key is made already, and was shown once. If nobody kept it, revoke it and make another."


@dataclass(frozen=True, slots=True)
class Row:
    """A key as the page shows it; `state` by the clock: active, expiring, expired or revoked."""

    key: ApiKey
    state: str

    @property
    def ended(self) -> bool:
        return self.state in {"expired", "revoked"}


class KeyPage(TenantView):
    """What the pages of API keys share."""

    def permit(self) -> None:
        access.require(allowed=self.may.administer, to="see or change API keys")

    def keys(self) -> QuerySet[ApiKey]:
        return ApiKey.objects.filter(tenant=self.tenant).select_related("created_by")

    def row(self, key: ApiKey) -> Row:
        if key.revoked_at is not None:
            return Row(key, "revoked")
        if key.expires_at <= self.now:
            return Row(key, "expired")
        return Row(key, "expiring" if key.expires_at <= self.now + SOON else "active")

    def all_keys(self) -> HttpResponse:
        return redirect("audit:api_keys", self.tenant.slug)


class ApiKeysView(KeyPage):
    """`GET …/api-keys/`: all keys of the tenant, those that open something first, each part newest first."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:  # noqa: ARG002 - the address's
        rows = sorted(map(self.row, self.keys().order_by("-created_at", "-pk")), key=lambda row: row.ended)
        nobody = any(row.key.created_by is None for row in rows)
        return self.render("audit/api_keys.html", {"rows": rows, "nobody": nobody})


@method_decorator(reauthentication_required, name="get")
@method_decorator(reauthentication_required, name="post")
class NewKeyView(KeyPage):
    """`…/api-keys/new/`: the form, and the key that it made, in the answer to it and nowhere else.

    Who did not give their password within the last five minutes is asked for it first.
    """

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:  # noqa: ARG002 - the address's
        return self._form(KeyForm(initial={"days": keys.DEFAULT_LIFE.days}))

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:  # noqa: ARG002 - the address's
        form, once, sent = KeyForm(request.POST), request.POST.get("once", ""), request.session.get(SENT, [])
        if once in sent:
            messages.warning(request, MADE_ALREADY)
            return self.all_keys()
        if not form.is_valid():
            return self._form(form, status=422)
        try:
            key, text = keys.make_key(
                tenant=self.tenant,
                name=form.cleaned_data["name"],
                scopes=form.cleaned_data["scopes"],
                expires_at=self.now + timedelta(days=form.cleaned_data["days"]),
                created_by=self.person,
                now=self.now,
                actor=actor_of(self.person),
                context=request_context(request),
            )
        except keys.KeyRefused as refused:
            form.add_error("name", str(refused))
            return self._form(form, status=422)
        request.session[SENT] = [*sent, once][-MOST_SENT:]
        return self.render("audit/api_key_made.html", {"key": key, "text": text}, status=201)

    def _form(self, form: KeyForm, *, status: int = 200) -> HttpResponse:
        context = {"form": form, "chosen": form["scopes"].value() or [], "once": uuid4()}
        return self.render("audit/api_key_new.html", context, status=status)


class RevokeKeyView(KeyPage):
    """`…/api-keys/<id>/revoke/`: asks, and ends the key, which the database is asked for with each use of it."""

    def get(self, request: HttpRequest, slug: str, key_id: UUID) -> HttpResponse:  # noqa: ARG002 - the address's
        key = self._key(key_id)
        return self.render("audit/api_key_revoke.html", {"key": key, "row": self.row(key)})

    def post(self, request: HttpRequest, slug: str, key_id: UUID) -> HttpResponse:  # noqa: ARG002
        key = self._key(key_id)
        if key.revoked_at is not None:
            messages.info(request, f"The key {key} was revoked already.")
            return self.all_keys()
        keys.revoke_key(key, now=self.now, actor=actor_of(self.person), context=request_context(request))
        messages.success(request, f"The key {key} was revoked. It opens nothing any more.")
        return self.all_keys()

    def _key(self, key_id: UUID) -> ApiKey:
        key = self.keys().filter(pk=key_id).first()
        if key is None:
            raise access.NotFound(f"no API key {key_id} of this tenant")
        return key
