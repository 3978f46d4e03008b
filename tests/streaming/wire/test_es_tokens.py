from __future__ import annotations

import base64

import pytest

from streaming.wire.es_tokens import authorization, likely_schemes

PAIR = "VuaCfGcBCdbkQm-e5aOx:ui2lp2axTNmsyakw9tvNnw"
ENCODED = base64.b64encode(PAIR.encode()).decode()
USER = base64.b64encode(b"elastic:changeme").decode()
JWT = "eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("token", "schemes", "header"),
    [
        (ENCODED, ("ApiKey",), f"ApiKey {ENCODED}"),
        (PAIR, ("ApiKey",), f"ApiKey {ENCODED}"),
        ("elastic:changeme", ("Basic",), f"Basic {USER}"),
        ("essu_abcdef", ("ApiKey",), "ApiKey essu_abcdef"),
        (JWT, ("Bearer",), f"Bearer {JWT}"),
        ("AAEAAWVsYXN0aWM", ("Bearer",), "Bearer AAEAAWVsYXN0aWM"),
        ("dGhpcyBpcyBub3Q", ("ApiKey", "Bearer"), "ApiKey dGhpcyBpcyBub3Q"),
        ("Bearer abc", ("Bearer",), "Bearer abc"),
        (f"ApiKey {ENCODED}", ("ApiKey",), f"ApiKey {ENCODED}"),
        (f"Basic {USER}", ("Basic",), f"Basic {USER}"),
    ],
)
def test_a_token_signs_in_by_its_form(token: str, schemes: tuple[str, ...], header: str) -> None:
    assert likely_schemes(token) == schemes
    assert authorization(token) == header


def test_what_a_test_found_out_counts_more_than_the_form() -> None:
    assert authorization("dGhpcyBpcyBub3Q", scheme="Bearer") == "Bearer dGhpcyBpcyBub3Q"
    assert authorization(PAIR, scheme="Basic") == f"Basic {ENCODED}"
    assert authorization("a:b:c", scheme="Bearer") == "Bearer a:b:c"
