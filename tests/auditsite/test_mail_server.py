from __future__ import annotations

import pytest

from auditsite.env import EnvironmentInvalid
from auditsite.mail_server import mail_server


def test_no_address_means_no_mail() -> None:
    assert mail_server("").host == ""
    assert mail_server("").backend.endswith("dummy.EmailBackend")


@pytest.mark.parametrize(
    ("url", "port", "use_tls", "use_ssl"),
    [
        ("smtp://mail.example", 25, False, False),
        ("smtp+tls://mail.example", 587, True, False),
        ("smtps://mail.example", 465, False, True),
        ("smtps://mail.example:2465/", 2465, False, True),
    ],
)
def test_the_scheme_says_how_tls_is_spoken(url: str, port: int, use_tls: bool, use_ssl: bool) -> None:
    server = mail_server(url)

    assert (server.host, server.port, server.use_tls, server.use_ssl) == (
        "mail.example", port, use_tls, use_ssl,
    )  # fmt: skip


def test_name_and_password_may_hold_anything_that_is_quoted() -> None:
    server = mail_server("smtp+tls://ana%40acme.example:p%3A%2F%40ss@mail.example")

    assert (server.user, server.password) == ("ana@acme.example", "p:/@ss")


@pytest.mark.parametrize(
    "url",
    [
        "mail.example:25",
        "http://mail.example",
        "smtp://ana:secret@",
        "smtp://ana:secret@mail:port",
        "smtp://a/secret",
    ],
)
def test_what_cannot_be_read_is_said_without_repeating_a_password(url: str) -> None:
    with pytest.raises(EnvironmentInvalid, match="AUDITSITE_EMAIL_URL cannot be read") as refused:
        mail_server(url)

    assert "secret" not in str(refused.value)
