"""The product as real processes, with Chromium before it: every page is watched for faults that no assertion names."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.people import PASSWORD, ROOMS, Keys, populate
from tests.browser.watching import Watch, session_of
from tests.journeys.product import Product, running, server_url, tokens

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 15_000
# The journeys use another one of the same Redis.
BROKER = 8

Visit = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser's tests come last: while Playwright runs, Django takes the thread for an asynchronous one."""
    here = str(Path(__file__).parent)
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: str(item.path).startswith(here))


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the machine's browser. Without one the tests are skipped, but not where CI has to run them."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None and os.environ.get("CI") == "true":
        pytest.fail(f"No browser: none of {', '.join(names)} is on the PATH.")
    if found is None:
        pytest.skip("needs Chromium on the PATH")
    return found


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> Iterator[Product]:  # noqa: ARG001 - first of all
    """The product, empty; its intake is also there with certificates that nobody should trust."""
    folder = tmp_path_factory.mktemp("product")
    for place in (folder, folder.parent):
        place.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUDITSITE_PASSWORD", PASSWORD)
        with running(
            folder,
            database_url=server_url(),
            redis_url=settings.REDIS_URL,
            broker=BROKER,
            also=("expired", "plain", "self_signed"),
        ) as product:
            yield product


@pytest.fixture(scope="session")
def keys(product: Product) -> Keys:
    """The API keys of tenants that have everything in them that `people` tells of."""
    return populate(product, now=datetime.now(UTC))


@pytest.fixture(scope="session")
def places(product: Product, keys: Keys) -> dict[str, str]:  # noqa: ARG001 - the product's people come first
    """What `stages` arranges: names of what addresses hold, and their ids."""
    told = {"intake": product.intake, "also": dict(product.also), "tokens": tokens(product)}
    code = f"from tests.browser import stages; print(stages.make(now=datetime.now(UTC), **{told!r}))"
    found: dict[str, str] = json.loads(
        product.manage("shell", "--no-imports", "-c", f"from datetime import UTC, datetime; {code}")
    )
    return found


@pytest.fixture(scope="session")
def browser(chromium: str, keys: Keys) -> Iterator[Browser]:  # noqa: ARG001 - pages that there is something to see on
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def sessions(product: Product, keys: Keys) -> Callable[[str], Any]:  # noqa: ARG001 - there are people
    """The cookies of a person who is signed in, made once."""
    made: dict[str, Any] = {}

    def session(email: str) -> Any:
        if email not in made:
            made[email] = session_of(product.address, email)
        return made[email]

    return session


@pytest.fixture(scope="session")
def rooms() -> Iterator[str]:
    return iter(ROOMS)


@pytest.fixture
def room(rooms: Iterator[str]) -> str:
    """The slug of a tenant that no other test uses; tess administers it."""
    return next(rooms)


@pytest.fixture
def visit(product: Product, browser: Browser, sessions: Callable[[str], Any]) -> Iterator[Visit]:
    """`visit(ANA, path="/…", javascript=False, **of_the_context)`: a page in a browser of their own.

    At the end of the test, whatever these pages had to complain about fails it.
    """
    contexts, watch = [], Watch(product.address)

    def visit(who: str | None = None, *, path: str = "", javascript: bool = True, **more: Any) -> Page:
        context = browser.new_context(
            base_url=product.address,
            java_script_enabled=javascript,
            storage_state=sessions(who) if who else None,
            **{"timezone_id": "UTC", **more},
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        watch.over(page)
        if path:
            page.goto(path)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert watch.troubles == []
