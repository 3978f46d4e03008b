"""A folder for the files of one test."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    """EXPORTS_DIR, which does not exist yet."""
    settings.EXPORTS_DIR = tmp_path / "exports"
    return tmp_path / "exports"
