from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

import auditsite_client
import pytest
from auditsite_client.django.models import OutboxEntry
from auditsite_client.django.recording import record_in_transaction
from django.core.management import CommandError, call_command

from tests.clients.python.server import Listening, Server, refusal

SOURCE = str(Path(auditsite_client.__file__).parents[1])
SETTINGS = """
INSTALLED_APPS = ["auditsite_client.django"]
DATABASES = {{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": {database!r}}}}}
SECRET_KEY = "only-for-tests"
USE_TZ = True
AUDITSITE_CLIENT = {{"URL": {url!r}, "KEY": "alk_test", "NUDGE": False}}
"""
RECORDING = """
import django; django.setup()
from auditsite_client.django.recording import record_in_transaction
record_in_transaction("cases.case_shared", actor="ana@acme.example", parameters={"n": 1})
"""


def record(number: int, tenant: str = "") -> None:
    record_in_transaction(
        "cases.case_shared", tenant=tenant, actor="ana@acme.example", parameters={"n": number}
    )


def told(*arguments: str) -> str:
    out = StringIO()
    call_command("send_audit_outbox", *arguments, stdout=out)
    return out.getvalue()


def test_once_sends_what_is_there(outbox_db: Server) -> None:
    record(1)
    record(2, "acme")

    told("--once")

    assert sorted(outbox_db.numbers()) == [1, 2]
    assert not OutboxEntry.objects.exists()


def test_once_says_what_kept_it(outbox_db: Server, listening: Listening) -> None:
    assert outbox_db.requests == []
    record(1)
    listening.stop()

    with pytest.raises(CommandError, match=r"Not all of the outbox could be sent: .*refused"):
        told("--once", "--timeout", "0.2")


def test_an_operator_sees_what_waits_and_sends_again(outbox_db: Server) -> None:
    outbox_db.decide = lambda _: refusal(422, "entries-refused", _0_event="no such event")
    record(1)
    told("--once")
    record(2)
    record(3, "acme")

    assert json.loads(told("--status")) == [
        {"tenant": "", "waiting": 1, "set_aside": 1},
        {"tenant": "acme", "waiting": 1, "set_aside": 0},
    ]
    assert json.loads(told("--send-again")) == {"put_back": 1}
    assert json.loads(told("--status"))[0] == {"tenant": "", "waiting": 2, "set_aside": 0}


def test_a_producer_of_its_own_migrates_records_and_sends(server: Server, tmp_path: Path) -> None:
    (tmp_path / "producing.py").write_text(SETTINGS.format(database=str(tmp_path / "db"), url=server.url))
    environment = {
        **os.environ, "PYTHONPATH": f"{SOURCE}:{tmp_path}", "DJANGO_SETTINGS_MODULE": "producing",
    }  # fmt: skip

    def run(*arguments: str) -> None:
        subprocess.run([sys.executable, *arguments], env=environment, check=True, timeout=60)

    run("-m", "django", "makemigrations", "--check", "--dry-run")
    run("-m", "django", "migrate", "--verbosity", "0")
    process = subprocess.Popen([sys.executable, "-m", "django", "send_audit_outbox"], env=environment)
    run("-c", RECORDING)
    deadline = time.monotonic() + 20
    while not server.taken:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.terminate()

    assert process.wait(20) == 0
    assert server.numbers() == [1]
