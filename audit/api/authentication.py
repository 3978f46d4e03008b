"""Who calls: an API key in the Authorization header, and whether its scopes open the operation."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone
from ninja.security.base import AuthBase

from audit import keys
from audit.api.answers import Refusal
from audit.api.remembering import remember_key
from audit.models import ApiKey, Scope

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="auditsite"'}
HOW = "Send it in the header Authorization: Bearer <key>."


class ApiKeyAuth(AuthBase):
    """Opens an operation to keys with this scope; None: to every key. `request.auth` is the key, with its tenant."""

    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_description = (
        "An API key of a tenant: alk_live_…. It names the tenant; its scopes open operations."
    )

    def __init__(self, scope: Scope | None) -> None:
        self.scope = scope
        super().__init__()

    def __call__(self, request: HttpRequest) -> ApiKey:
        """The key of this request. Raises Refusal: 401 without a valid key, 403 without the scope."""
        self._refuse_keys_in_addresses(request)
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            raise Refusal(401, "key-missing", f"An API key is needed. {HOW}", headers=CHALLENGE)
        if scheme.lower() != "bearer":
            raise Refusal(401, "key-missing", f"Only bearer keys open this API. {HOW}", headers=CHALLENGE)
        try:
            key = keys.recognise(text.strip(), now=timezone.now())
        except keys.KeyInvalid as reason:
            raise Refusal(401, "key-invalid", str(reason), headers=_invalid()) from None
        remember_key(text.strip(), key)
        if self.scope is not None and self.scope not in key.scopes:
            raise Refusal(403, "scope-missing", self._what_is_missing(key), headers=self._insufficient())
        return key

    def _refuse_keys_in_addresses(self, request: HttpRequest) -> None:
        """Addresses end up in logs and histories (ASVS 14.2.1): a key in one is not taken, and may be burnt."""
        named = {"key", "api_key", "apikey", "token", "access_token"} & request.GET.keys()
        if named or keys.PATTERN.search(request.META.get("QUERY_STRING", "")):
            raise Refusal(
                401,
                "key-in-address",
                f"An API key in the address is not taken: addresses are logged. Revoke that key. {HOW}",
                headers=_invalid(),
            )

    def _what_is_missing(self, key: ApiKey) -> str:
        has = ", ".join(key.scopes)
        return f"The key {key.name!r} has the scope {has}; this needs {self.scope}. Use a key that has it."

    def _insufficient(self) -> dict[str, str]:
        return {
            "WWW-Authenticate": f'Bearer realm="auditsite", error="insufficient_scope", scope="{self.scope}"'
        }


def _invalid() -> dict[str, str]:
    return {"WWW-Authenticate": 'Bearer realm="auditsite", error="invalid_token"'}
