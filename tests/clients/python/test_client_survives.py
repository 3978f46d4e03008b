"""The client against the real server. `bench/client_survives.py` does the same at full length."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.clients.python.surviving import SOURCE, Found, in_the_log, new_key, survive
from tests.journeys.product import Product, running, server_url, until

pytestmark = [pytest.mark.journey, pytest.mark.slow]

PRODUCER = """
INSTALLED_APPS = ["auditsite_client.django"]
WAITING = {{"timeout": 30, "transaction_mode": "IMMEDIATE"}}
DATABASES = {{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": {database!r}, "OPTIONS": WAITING}}}}
SECRET_KEY = "only-for-tests"
USE_TZ = True
AUDITSITE_CLIENT = {{"URL": {url!r}, "KEY": {key!r}, "NUDGE": False, "OPTIONS": {{"longest_pause": 1.0}}}}
"""
# Every third transaction is rolled back.
RECORDING = """
import django; django.setup()
from django.db import transaction
from auditsite_client.django.recording import record_in_transaction
for number in range(900):
    with transaction.atomic():
        record_in_transaction("cases.case_shared", actor="ana@acme.example", external_id=f"evt-{number}")
        transaction.set_rollback(number % 3 == 2)
"""


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with tempfile.TemporaryDirectory(prefix="auditsite-tests-") as name:
        Path(name).chmod(0o755)
        with running(Path(name), database_url=server_url(), redis_url=settings.REDIS_URL) as product:
            yield product


def test_nothing_is_lost_or_doubled_while_server_and_producer_are_killed(product: Product) -> None:
    queue = product.folder / "queue"

    found = survive(product, queue, entries=10_000, server_kills=2, producer_kills=1, fsync=False)

    assert found == Found(10_000, lost=0, twice=0, in_order=True, server_kills=2, producer_kills=1)


def test_the_outbox_sends_what_was_committed_and_nothing_else(product: Product, tmp_path: Path) -> None:
    key = new_key(product, "globex")
    (tmp_path / "producer.py").write_text(
        PRODUCER.format(database=str(tmp_path / "db"), url=product.address, key=key)
    )
    environment = {
        **os.environ, "PYTHONPATH": f"{SOURCE}:{tmp_path}", "DJANGO_SETTINGS_MODULE": "producer",
    }  # fmt: skip

    def started(*arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, *arguments], env=environment)

    assert started("-m", "django", "migrate", "--verbosity", "0").wait(60) == 0
    sending = started("-m", "django", "send_audit_outbox")
    recording = started("-c", RECORDING)
    until(lambda: len(in_the_log(product, key)) > 50, "some have arrived")
    sending.kill()
    sending.wait()
    product.kill("web")
    product.start("web")
    assert recording.wait(60) == 0
    sending = started("-m", "django", "send_audit_outbox", "--once", "--timeout", "100")

    assert sending.wait(120) == 0
    assert sorted(in_the_log(product, key)) == sorted(f"evt-{n}" for n in range(900) if n % 3 != 2)
