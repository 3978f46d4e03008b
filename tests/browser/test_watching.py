from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.watching import Watch
from tests.journeys.product import Product

FAULTS = {
    "another origin": "document.body.append(Object.assign(new Image(), {src: 'http://127.0.0.1:1/x.png'}))",
    "the policy is violated": "document.body.setAttribute('onclick', 'alert(1)')",
    "a script fails": "setTimeout(() => { throw new Error('broken'); })",
    "an error is logged": "console.error('not well')",
    "a part is missing": "fetch('/static/nothing.css')",
}


@pytest.fixture
def page(browser: Browser, product: Product) -> Page:
    return browser.new_context(base_url=product.address).new_page()


@pytest.mark.parametrize("fault", FAULTS)
def test_what_a_page_must_not_do_is_noticed(page: Page, product: Product, fault: str) -> None:
    watch = Watch(product.address)
    watch.over(page)
    page.goto("/accounts/login/")
    assert watch.troubles == []

    page.evaluate(f"() => {{ {FAULTS[fault]} }}")
    page.wait_for_timeout(300)
    page.context.close()

    assert watch.troubles != []
