from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from auditsite import embedded, installation
from auditsite.installation import CannotInstall, Installation
from auditsite.local_secrets import outbound_of

ROOT = Path(__file__).parents[2]


@pytest.fixture
def place(tmp_path: Path) -> Installation:
    return Installation(root=ROOT, data_dir=tmp_path, port=8000, intake_port=8443)


@pytest.fixture
def listener() -> Iterator[int]:
    """A port that somebody else has taken."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken.getsockname()[1]


def test_port_and_data_folder_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "18123")
    monkeypatch.setenv("AUDITSITE_DATA_DIR", str(tmp_path / "here"))

    made = Installation.from_environment(tmp_path)

    assert (made.port, made.data_dir, made.address) == (18123, tmp_path / "here", "http://127.0.0.1:18123")
    assert made.intake_port == 18566


@pytest.mark.parametrize("port", ["0", "65535", "-1"])
def test_a_port_that_cannot_be_is_refused(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", port)

    with pytest.raises(CannotInstall, match=f"PORT is {port}: write a number"):
        Installation.from_environment(ROOT)


def test_a_port_that_is_taken_is_named_with_another_to_try(tmp_path: Path, listener: int) -> None:
    made = Installation(ROOT, tmp_path, port=listener, intake_port=1)

    with pytest.raises(CannotInstall, match=rf"port {listener} is taken.*make up PORT={listener + 1}"):
        made.require_free_port()


def test_the_intake_takes_the_next_port_when_its_own_is_taken(
    monkeypatch: pytest.MonkeyPatch, listener: int
) -> None:
    monkeypatch.setenv("PORT", str(listener - installation.INTAKE_OFFSET))

    assert Installation.from_environment(ROOT).intake_port > listener


def test_processes_get_the_servers_and_leave_to_reach_the_demos_intake_besides_what_was_allowed(
    place: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUDITSITE_OUTBOUND_ALLOW", "splunk.corp.example")
    servers = embedded.Servers(place.data_dir, durable=True)

    environment = place.environment(servers)

    assert environment["DATABASE_URL"] == servers.database_url
    assert environment["AUDITSITE_OUTBOUND_ALLOW"] == "splunk.corp.example,127.0.0.1"
    assert environment["AUDITSITE_DATA_DIR"] == str(place.data_dir)


def test_the_demos_authority_is_trusted_besides_the_one_that_was_given(
    place: Installation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "corp.pem").write_text("CORP\n")
    monkeypatch.setenv("AUDITSITE_OUTBOUND_CA", str(tmp_path / "corp.pem"))
    steps = place.steps()
    (place.data_dir / "static").mkdir()
    place.authority.parent.mkdir()
    place.authority.write_text("DEMO\n")

    while next(steps).name != "demo":
        pass

    trusted = place.environment(embedded.Servers(place.data_dir, durable=True))["AUDITSITE_OUTBOUND_CA"]
    assert Path(trusted).read_text().split() == ["DEMO", "CORP"]


def test_a_command_run_beside_it_may_reach_the_demos_intake_too(place: Installation) -> None:
    steps = place.steps()
    (place.data_dir / "static").mkdir()
    place.authority.parent.mkdir()
    place.authority.write_text("DEMO\n")

    while next(steps).name != "demo":
        pass

    assert outbound_of(place.data_dir) == ("127.0.0.1", str(place.data_dir / "outbound-ca.pem"))


def test_styles_are_collected_again_only_when_something_of_them_has_changed(
    place: Installation, tmp_path: Path
) -> None:
    (tmp_path / "root" / "static").mkdir(parents=True)
    (tmp_path / "root" / "uv.lock").touch()
    (place.data_dir / "static").mkdir()
    place = Installation(tmp_path / "root", place.data_dir, place.port, place.intake_port)

    def second_and_third() -> list[str]:
        return [step.name for step in islice(place.steps(), 1, 3)][:2]

    (tmp_path / "intake").mkdir()
    place.authority.write_text("DEMO\n")

    assert second_and_third() == ["static", "intake"]
    assert second_and_third() == ["intake", "demo"]
    (tmp_path / "root" / "static" / "new.css").write_text("a {}")
    assert second_and_third() == ["static", "intake"]


def test_a_newcomer_is_told_where_to_go_and_where_the_data_lie(place: Installation) -> None:
    said = place.welcome("Sign in  ana@acme.example\n", files=Path("/var/lib/auditsite/1"), seconds=3.21)

    assert "http://127.0.0.1:8000/ after 3.2 s" in said
    assert "Sign in  ana@acme.example" in said
    assert f"{place.data_dir} (databases: /var/lib/auditsite/1)" in said


class Answering(http.server.BaseHTTPRequestHandler):
    """Ready at /readyz, and only there."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/readyz" else 503)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Nothing to say."""


def test_readiness_is_asked_for_directly_whatever_proxy_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with http.server.HTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"

        answers = [installation.ask(f"{address}{path}") for path in ("/readyz", "/other")]
        server.shutdown()

    assert answers == [True, False]
    assert installation.ask(address) is False


def test_the_version_is_the_changelogs(place: Installation) -> None:
    assert f"## {place.version}" in (ROOT / "CHANGELOG.md").read_text()
