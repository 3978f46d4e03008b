from __future__ import annotations

import socket
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditsite.demo.intake import Flavour, Intake
from auditsite.demo.intake.authority import Authority

NOW = datetime.now(UTC)


def shake_hands(intake: Intake, base: str, name: str = "localhost") -> dict[str, object]:
    context = ssl.create_default_context(cafile=intake.ca_file)
    # What Python 3.13 asks of a chain by default.
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    port = int(base.rpartition(":")[2])
    with (
        socket.create_connection(("127.0.0.1", port), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname=name) as secured,
    ):
        return dict(secured.getpeercert() or {})


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1"])
def test_whoever_trusts_the_ca_trusts_the_intake_under_its_names(intake: Intake, name: str) -> None:
    assert shake_hands(intake, intake.base_url, name)["version"] == 3


@pytest.mark.parametrize(
    ("flavour", "problem"),
    [
        (Flavour.EXPIRED, "certificate has expired"),
        (Flavour.WRONG_NAME, "Hostname mismatch"),
        (Flavour.SELF_SIGNED, "self-signed certificate"),
    ],
)
def test_a_wrong_certificate_is_wrong_in_its_way(intake: Intake, flavour: Flavour, problem: str) -> None:
    base = intake.also_on(flavour)

    with pytest.raises(ssl.SSLCertVerificationError, match=problem):
        shake_hands(intake, base)


def test_plain_http_answers_no_handshake(intake: Intake) -> None:
    base = intake.also_on(Flavour.PLAIN)

    assert base.startswith("http://")
    with pytest.raises(ssl.SSLError, match=r"WRONG_VERSION_NUMBER|record layer failure"):
        shake_hands(intake, base)


def test_the_ca_is_made_once_and_its_keys_are_private(tmp_path: Path) -> None:
    first = Authority(tmp_path, NOW)
    first.context(Flavour.GOOD)
    before = first.ca_file.read_bytes(), (tmp_path / "good.pem").read_bytes()

    second = Authority(tmp_path, NOW)
    second.context(Flavour.GOOD)

    assert (second.ca_file.read_bytes(), (tmp_path / "good.pem").read_bytes()) == before
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"ca.pem": 0o644, "ca-key.pem": 0o600, "good.pem": 0o600}


def test_a_certificate_is_renewed_before_it_expires_and_when_its_ca_is_new(tmp_path: Path) -> None:
    Authority(tmp_path, NOW - timedelta(days=380)).context(Flavour.GOOD)
    old = (tmp_path / "good.pem").read_bytes()

    Authority(tmp_path, NOW).context(Flavour.GOOD)
    renewed = (tmp_path / "good.pem").read_bytes()
    (tmp_path / "ca.pem").unlink()
    Authority(tmp_path, NOW).context(Flavour.GOOD)

    assert len({old, renewed, (tmp_path / "good.pem").read_bytes()}) == 3
