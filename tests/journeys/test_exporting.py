"""A large export through real processes: its worker is killed in the middle, and the file has what was promised."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
from django.conf import settings

from tests.journeys.product import Product, running, server_url, until

pytestmark = [pytest.mark.journey, pytest.mark.slow]
ENTRIES = 20_000
# Not that of the other journeys and of the browser's tests.
BROKER = 7
PASSWORD = "a long enough secret"
LOG = "/t/acme/audit-log/"
EXPORTS = f"{LOG}exports/"
TOLD = """
import json
from audit.models import Export
from django.forms.models import model_to_dict
print(json.dumps(model_to_dict(Export.objects.latest("asked_at")), default=str))
"""


@pytest.fixture
def product(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Product]:
    monkeypatch.setenv("AUDITSITE_PASSWORD", PASSWORD)
    folder = tmp_path_factory.mktemp("exporting")
    for place in (folder, folder.parent):
        place.chmod(0o755)
    with running(folder, database_url=server_url(), redis_url=settings.REDIS_URL, broker=BROKER) as product:
        product.manage("create_tenant", "acme", "--name", "Acme", "--admin", "ana@acme.example")
        product.manage("seed_demo", "--tenant", "acme", "--entries", str(ENTRIES))
        yield product


class Ana:
    """Her browser, without a window."""

    def __init__(self, product: Product) -> None:
        self._product, self._session = product, requests.Session()
        self.send("/accounts/login/", "/accounts/login/", login="ana@acme.example", password=PASSWORD)

    def read(self, path: str) -> str:
        answer = self._session.get(f"{self._product.address}{path}", timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.text

    def send(self, page: str, path: str, **form: str) -> requests.Response:
        """Send a form of this page, and follow where it leads."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.read(page))
        assert token is not None
        form["csrfmiddlewaretoken"] = token[1]
        return self._session.post(f"{self._product.address}{path}", data=form, timeout=60)


def export_of(product: Product) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(product.manage("shell", "--no-imports", "-c", TOLD))
    return told


@contextmanager
def log_is_locked(product: Product) -> Iterator[None]:
    """Whoever reads the log waits until this ends, in the middle of what they do."""
    with psycopg.connect(product.environment["DATABASE_URL"]) as database:
        database.execute("LOCK TABLE audit_auditentry IN ACCESS EXCLUSIVE MODE")
        yield


def files_of(product: Product, attempt: int) -> list[Path]:
    return [one for one in (product.folder / "exports").rglob(f"*-{attempt}") if one.is_file()]


def test_an_export_outlives_its_worker(product: Product) -> None:
    ana = Ana(product)
    product.kill("beat")
    ana.send(EXPORTS, f"{LOG}export/", format="json", compress="gzip")
    with log_is_locked(product):
        product.start("beat")
        until(lambda: len(files_of(product, 1)) == 1, "the file has begun")
        killed = export_of(product)
        product.kill("worker")
    assert (killed["state"], killed["attempts"]) == ("running", 1)

    product.start("worker")

    until(lambda: export_of(product)["state"] == "ready", "the export is taken up again", seconds=120)
    done = export_of(product)
    assert (done["attempts"], done["written"]) == (2, done["promised"])
    page = ana.read(EXPORTS)
    assert 'data-state="ready"' in page
    [path] = re.findall(rf'action="({EXPORTS}[0-9a-f-]+/)"', page)
    found = json.loads(gzip.decompress(ana.send(EXPORTS, path, do="download").content))
    assert found["count"] == len(found["entries"]) == done["promised"] >= ENTRIES
    assert len({entry["id"] for entry in found["entries"]}) == done["promised"]
    # What the killed worker left is swept away within a minute.
    until(lambda: not files_of(product, 1), "strays go", seconds=120)
    assert len(files_of(product, 2)) == 1
