"""The command beside others who commit, and as a process that is killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from audit.models import Tenant
from streaming.configuring import Settings, save_settings
from streaming.encryption import Secret
from streaming.models import Stream
from streaming.tokens import token_of
from tests.committing import wait_for_a_lock, while_it_waits
from tests.key_rings import FIRST, SECOND, THIRD, UseKeys
from tests.streams import ANA

ROOT = Path(__file__).parents[4]


@pytest.fixture
def four(committing_db: None, use_keys: UseKeys) -> list[Stream]:  # noqa: ARG001 - opens the database
    """Streams of acme, in the order in which they are rotated; two under each of the older keys."""
    acme = Tenant.objects.create(slug="acme", name="Acme")
    streams = []
    for number, key in enumerate((FIRST, SECOND, FIRST, SECOND)):
        use_keys(key)
        streams.append(save(acme, f"stream {number}", f"t0ken-{number}"))
    return streams


def save(acme: Tenant, name: str, token: str) -> Stream:
    values = Settings(
        enabled=True, destination_kind="http_bearer", url="https://siem.acme.example/", token=Secret(token)
    )
    return save_settings(tenant=acme, settings=values, change=ANA, now=datetime.now(UTC), name=name)


def run(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("rotate_encryption_keys", "--json", *arguments, stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def numbers(answer: dict[str, Any]) -> list[int]:
    return [key["secrets"] for key in answer["keys"]]


def tokens() -> list[str]:
    return [token_of(stream).reveal() for stream in Stream.objects.order_by("pk")]


def a_process(*keys: str) -> subprocess.Popen[str]:
    """The command as an operator starts it, on the test's database."""
    told: dict[str, Any] = connection.settings_dict
    host = told["HOST"] or told["OPTIONS"].get("host", "")
    login = quote(told["USER"], safe="") + (
        f":{quote(told['PASSWORD'], safe='')}" if told["PASSWORD"] else ""
    )
    port = f"&port={told['PORT']}" if told["PORT"] else ""
    address = f"postgresql://{login}@/{told['NAME']}?host={quote(host, safe='')}{port}"
    return subprocess.Popen(
        [sys.executable, "manage.py", "rotate_encryption_keys", "--json"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": address, "AUDITSITE_ENCRYPTION_KEYS": ",".join(keys)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_killed_in_the_middle_it_goes_on_where_it_was(four: list[Stream], use_keys: UseKeys) -> None:
    keys = (THIRD, SECOND, FIRST)
    use_keys(*keys)
    with transaction.atomic():
        Stream.objects.select_for_update().get(pk=four[2].pk)
        killed = a_process(*keys)
        wait_for_a_lock()
        killed.kill()
        killed.communicate()
        assert numbers(run("--dry-run")) == [2, 1, 1]

    resumed = a_process(*keys)
    out, err = resumed.communicate(timeout=60)

    assert resumed.returncode == 0, err
    answer = json.loads(out)
    # PostgreSQL may have done what the killed one was waiting for.
    assert answer["written"] in {1, 2}
    assert (answer["left"], numbers(answer)) == (0, [4, 0, 0])
    use_keys(THIRD)
    assert tokens() == ["t0ken-0", "t0ken-1", "t0ken-2", "t0ken-3"]


def test_a_token_that_is_saved_meanwhile_stays(four: list[Stream], use_keys: UseKeys) -> None:
    use_keys(THIRD, SECOND, FIRST)
    changed = four[1]

    answer = while_it_waits(lambda: save(changed.tenant, changed.name, "t0ken-of-now"), run)

    assert (answer["written"], answer["left"]) == (3, 0)
    assert tokens() == ["t0ken-0", "t0ken-of-now", "t0ken-2", "t0ken-3"]


def test_a_token_saved_meanwhile_by_a_process_with_the_older_keys_is_found(
    four: list[Stream], use_keys: UseKeys
) -> None:
    older, ring = use_keys(SECOND, FIRST), use_keys(THIRD, SECOND, FIRST)
    changed = four[1]
    sealed = older.encrypt(Secret("t0ken-of-now"), tenant=changed.tenant_id, row=changed.pk)

    answer = while_it_waits(lambda: Stream.objects.filter(pk=changed.pk).update(token_encrypted=sealed), run)

    assert (answer["written"], numbers(answer)) == (4, [4, 0, 0])
    assert [key["id"] for key in answer["keys"]] == ring.key_ids
    assert tokens()[1] == "t0ken-of-now"


@pytest.mark.usefixtures("four")
def test_without_a_key_that_is_in_use_nothing_is_changed(use_keys: UseKeys) -> None:
    [missing] = use_keys(FIRST).key_ids
    use_keys(THIRD, SECOND)

    with pytest.raises(CommandError) as refused:
        run()

    assert f"2 secrets are under key {missing}, which is not in AUDITSITE_ENCRYPTION_KEYS" in str(
        refused.value
    )
    assert "token of stream" in str(refused.value)
    use_keys(THIRD, SECOND, FIRST)
    assert numbers(run("--dry-run")) == [0, 2, 2]


def test_a_token_that_no_key_opens_is_an_error_after_the_others_were_written(
    four: list[Stream], use_keys: UseKeys
) -> None:
    Stream.objects.filter(pk=four[0].pk).update(token_encrypted=four[2].token_encrypted)
    use_keys(THIRD, SECOND, FIRST)

    with pytest.raises(CommandError, match=f"3 secrets were encrypted anew; 1 do.*{four[0].pk} of acme"):
        run()

    assert numbers(run("--dry-run")) == [3, 0, 1]


@pytest.mark.usefixtures("four")
def test_it_says_in_words_which_key_can_be_taken_away(use_keys: UseKeys) -> None:
    third, second, first = use_keys(THIRD, SECOND, FIRST).key_ids
    out = StringIO()
    call_command("rotate_encryption_keys", stdout=out)

    assert out.getvalue().splitlines() == [
        "4 secrets were encrypted anew.",
        f"Key 1 ({third}): 4 secrets.",
        f"Key 2 ({second}): 0 secrets. It can be taken away.",
        f"Key 3 ({first}): 0 secrets. It can be taken away.",
    ]
