"""The command that `make up` runs to prepare the demo."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from auditsite.demo import __main__ as demo
from auditsite.demo import setup
from streaming import environment


@pytest.fixture(autouse=True)
def _the_intake_may_be_reached(settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.DATA_DIR = tmp_path
    settings.OUTBOUND_ALLOW = "127.0.0.1"
    environment.policy.cache_clear()
    yield
    environment.policy.cache_clear()


@pytest.mark.django_db
def test_it_prints_how_to_sign_in(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(setup.prepare, "__kwdefaults__", {"entries": 10})

    assert demo.main(["--intake-port", "8443", "--data-dir", str(tmp_path / "intake")]) == 0

    shown = capsys.readouterr().out
    assert setup.ANA in shown
    assert setup.PASSWORD in shown
