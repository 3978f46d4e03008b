"""What the environment decides, read as an operator would: by starting the product with it."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCTION = {
    "AUDITSITE_HOSTS": "audit.example,.corp.example",
    "AUDITSITE_SECRET_KEY": "fifty-characters-or-more-that-nobody-else-knows-0123456789",
    "AUDITSITE_ENCRYPTION_KEYS": base64.b64encode(b"thirty-two-bytes-of-a-test-key!!").decode(),
}
READ = "from django.conf import settings as s; print([getattr(s, n) for n in {names!r}])"


def manage(folder: Path, *arguments: str, **told: str) -> subprocess.CompletedProcess[str]:
    """`manage.py` in an environment that holds nothing of ours but `told`."""
    plain = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**plain, "AUDITSITE_DATA_DIR": str(folder), **told},
        capture_output=True,
        text=True,
        check=False,
    )


def decided(folder: Path, *names: str, **told: str) -> str:
    shown = manage(folder, "shell", "--no-imports", "-c", READ.format(names=names), **told)
    assert shown.returncode == 0, shown.stderr
    return shown.stdout.strip()


def why_not(folder: Path, **told: str) -> str:
    """The last line of a start that was refused."""
    refused = manage(folder, "check", **told)
    assert refused.returncode == 1
    return refused.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize("missing", ["AUDITSITE_SECRET_KEY", "AUDITSITE_ENCRYPTION_KEYS"])
def test_a_real_installation_makes_up_no_secret(missing: str, tmp_path: Path) -> None:
    told = {name: value for name, value in PRODUCTION.items() if name != missing}

    assert f"{missing} is not set. Set it, or set {missing}_FILE" in why_not(tmp_path, **told)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AUDITSITE_ENCRYPTION_KEYS", ""),
        ("AUDITSITE_ENCRYPTION_KEYS", "dG9vIHNob3J0"),
        ("AUDITSITE_OUTBOUND_ALLOW", "10.0.0.0/99"),
        ("AUDITSITE_OUTBOUND_ALLOW", "169.254.169.254/32"),
        ("AUDITSITE_HTTPS", "maybe"),
    ],
)
def test_a_value_that_cannot_be_used_stops_the_start_and_is_named(
    name: str, value: str, tmp_path: Path
) -> None:
    assert name in why_not(tmp_path, **{**PRODUCTION, name: value})


def test_django_finds_nothing_to_mend_in_a_real_installation(tmp_path: Path) -> None:
    checked = manage(tmp_path, "check", "--deploy", "--fail-level", "INFO", **PRODUCTION)

    assert (checked.returncode, checked.stdout) == (0, "System check identified no issues (0 silenced).\n")


def test_a_real_installation_speaks_https_only(tmp_path: Path) -> None:
    names = ("DEBUG", "SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_TRUSTED_ORIGINS", "ALLOWED_HOSTS")

    assert decided(tmp_path, *names, **PRODUCTION) == (
        "[False, True, True, ['https://audit.example', 'https://corp.example'], ['audit.example', '.corp.example']]"
    )


def test_a_newcomers_installation_makes_its_secrets_once_and_speaks_http(tmp_path: Path) -> None:
    names = ("SECRET_KEY", "ENCRYPTION_KEYS", "SECURE_SSL_REDIRECT", "ALLOWED_HOSTS")

    first = decided(tmp_path, *names)

    assert decided(tmp_path, *names) == first
    assert first.endswith("False, ['localhost', '127.0.0.1', '[::1]']]")


def test_servers_that_run_already_are_used(tmp_path: Path) -> None:
    told = {"DATABASE_URL": "postgres://ana:pw@db.example:5433/log", "REDIS_URL": "redis://redis.example/3"}

    shown = decided(tmp_path, "DATABASES", "REDIS_URL", "CELERY_BROKER_URL", **told)

    assert "'HOST': 'db.example'" in shown
    assert shown.count("redis://redis.example/3") == 2
