from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditsite import embedded

NAMES = ("DATABASE_URL", "DATABASE_URL_FILE", "REDIS_URL", "REDIS_URL_FILE", "AUDITSITE_EMBEDDED")


@pytest.fixture
def data_dir(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder that root's unprivileged servers can reach too (tmp_path is closed to them), no server given."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    folder = Path(tempfile.mkdtemp(prefix="auditsite-embedded-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def lasting_dir() -> Iterator[Path]:
    """A data folder as above for `lasting`."""
    folder = Path(tempfile.mkdtemp(prefix="auditsite-embedded-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def lasting(lasting_dir: Path) -> Iterator[embedded.Servers]:
    """Servers for tests that only look at them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in NAMES:
            patch.delenv(name, raising=False)
        running = embedded.start(lasting_dir, durable=False)
    yield running
    running.stop()


@pytest.fixture
def servers(data_dir: Path) -> Iterator[embedded.Servers]:
    running = embedded.start(data_dir, durable=False)
    yield running
    running.stop()
