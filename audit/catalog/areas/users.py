"""Events of the area "Users"."""

from __future__ import annotations

from audit.catalog.kinds import USER_ACTIONS, Area

AREA = Area("users", "Users", position=12)

# fmt: off
USER_LOGGED_IN = AREA.event("user_logged_in", "User logged in", USER_ACTIONS, "method", "Someone signed in.", sentence="signed in[ with {method}]")
USER_LOGGED_OUT = AREA.event("user_logged_out", "User logged out", USER_ACTIONS, "", "Someone signed out.", sentence="signed out")
API_KEY_CREATED = AREA.event("api_key_created", "API key created", USER_ACTIONS, "key_name key_prefix expires_at", "Someone made an API key.")
API_KEY_DELETED = AREA.event("api_key_deleted", "API key deleted", USER_ACTIONS, "key_name key_prefix", "Someone revoked an API key.")
SIGN_IN_FAILED = AREA.event("sign_in_failed", "Sign-in failed", USER_ACTIONS, "method reason", "Someone could not sign in.", extension=True, sentence="could not sign in[ with {method}][: {reason}]")
