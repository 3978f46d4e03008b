from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audit.models import AuditEntry, Tenant
from streaming.models import Stream

URL = "https://splunk.acme.example:8088"


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    file = tmp_path / "token"
    file.write_text("11111111-2222-3333-4444-555555555555\n")
    return file


def run(*arguments: str) -> dict[str, object]:
    out = StringIO()
    call_command("set_stream", "--json", "--destination", "splunk_hec", "--url", URL, *arguments, stdout=out)
    answer: dict[str, object] = json.loads(out.getvalue())
    return answer


@pytest.mark.usefixtures("acme")
def test_a_stream_is_saved_and_switched_on(token_file: Path) -> None:
    answer = run("--tenant", "acme", "--token-file", str(token_file), "--enable")

    assert answer["state"] == "healthy"
    assert Stream.objects.get().enabled


def test_without_enable_the_switch_stays_as_it_is(acme: Tenant, token_file: Path) -> None:
    answer = run("--tenant", "acme", "--token-file", str(token_file))

    assert answer["state"] == "disabled"
    assert not AuditEntry.objects.of(acme).filter(event__endswith="streaming_enabled").exists()


def test_the_change_is_recorded_as_the_command_lines(acme: Tenant, token_file: Path) -> None:
    run("--tenant", "acme", "--token-file", str(token_file), "--enable")

    assert AuditEntry.objects.of(acme).get().done_by == "Command line"


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--tenant", "nobody"], "No tenant has the slug"),
        (["--tenant", "acme"], "Enter a token"),
        (["--tenant", "acme", "--token-file", "/no/such/file"], "cannot be read"),
        (["--tenant", "acme", "--url", "http://splunk.acme.example"], "https://"),
        (["--tenant", "acme", "--filter", "acton:x"], "Did you mean “action:”"),
        (["--tenant", "acme", "--filter", "range:7d"], "holds no time"),
        (["--tenant", "acme", "--framing", "single"], "only an http_bearer destination"),
    ],
)
def test_what_cannot_work_is_a_one_line_error(arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words) as error:
        run(*arguments)

    assert "\n" not in str(error.value)


def test_a_filter_is_typed_as_on_the_page_and_kept_until_another_comes(
    acme: Tenant, token_file: Path
) -> None:
    answer = run(
        "--tenant", "acme", "--token-file", str(token_file), "--filter", "category:user_actions -by:bot"
    )
    assert answer["filter"] == "category=user_actions&not.by=bot"

    run("--tenant", "acme")
    assert acme.streams.get().entry_filter == "category=user_actions&not.by=bot"

    run("--tenant", "acme", "--filter", "")
    assert acme.streams.get().entry_filter == ""


@pytest.mark.usefixtures("acme")
def test_a_further_name_adds_a_stream_and_rename_changes_one(token_file: Path) -> None:
    run("--tenant", "acme", "--token-file", str(token_file))
    run("--tenant", "acme", "--token-file", str(token_file), "--name", "Blue")

    answer = run("--tenant", "acme", "--name", "Blue", "--rename", "Green")

    assert answer["name"] == "Green"
    assert list(Stream.objects.values_list("name", flat=True)) == ["SIEM", "Green"]


def test_format_framing_and_signature_of_an_http_intake_are_set(
    acme: Tenant, tmp_path: Path, token_file: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("whsec_" + "Y2FuYXJ5" * 4)
    options = ["--destination", "http_bearer", "--format", "ecs", "--framing", "single"]

    answer = run(
        "--tenant", "acme", "--token-file", str(token_file), *options, "--signing-secret-file", str(secret)
    )

    assert (answer["format"], answer["framing"]) == ("ecs", "single")
    assert acme.streams.get().signing_secret_encrypted is not None
    assert "Y2FuYXJ5" not in json.dumps(answer)
