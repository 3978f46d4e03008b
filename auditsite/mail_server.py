"""The mail server, as AUDITSITE_EMAIL_URL names it: without one, no mail is sent."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from auditsite.env import EnvironmentInvalid

# By scheme: the usual port. STARTTLS is demanded where it is asked for, never left to chance.
PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """What Django's settings of the same names take."""

    backend: str = "django.core.mail.backends.dummy.EmailBackend"
    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    use_tls: bool = False
    use_ssl: bool = False


def mail_server(url: str) -> MailServer:
    """`smtp+tls://user:password@host:587` in parts; empty for no server. Raises EnvironmentInvalid, in words."""
    if not url:
        return MailServer()
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in PORTS or not parts.hostname or port == -1 or parts.path.strip("/"):
        raise EnvironmentInvalid(
            "AUDITSITE_EMAIL_URL cannot be read: write smtp+tls://user:password@host:587 (STARTTLS), "
            "smtps://user:password@host:465, or smtp://host:25."
        )
    return MailServer(
        backend="django.core.mail.backends.smtp.EmailBackend",
        host=parts.hostname,
        port=port or PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        use_tls=parts.scheme == "smtp+tls",
        use_ssl=parts.scheme == "smtps",
    )
