"""What a page may never do, and the cookies of somebody who has signed in."""

from __future__ import annotations

import re
from typing import Any

import requests
from playwright.sync_api import ConsoleMessage, Page, Request, Response

from tests.browser.people import PASSWORD

# A document that is refused says so in the console too; what its status has to be, the test says.
_OF_A_STATUS = "Failed to load resource: the server responded with a status of"


class Watch:
    """Gathers errors in the console (a violated content security policy is one), scripts that fail, parts of a page
    that are missing, and requests to other origins."""

    def __init__(self, address: str) -> None:
        self.address, self.troubles = address, list[str]()

    def over(self, page: Page) -> None:
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.troubles.append(f"{page.url}: {error}"))
        page.on("request", self._asked)
        page.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(_OF_A_STATUS):
            self.troubles.append(f"{message.type}: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(f"{self.address}/"):
            self.troubles.append(f"{request.frame.url} asks {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.request.resource_type != "document":
            self.troubles.append(f"{response.request.frame.url}: {response.status} for {response.url}")


def session_of(address: str, email: str) -> Any:
    """The state of a browser in which this person is signed in, as Playwright takes it; messages are left out."""
    with requests.Session() as person:
        form = person.get(f"{address}/accounts/login/", timeout=30).text
        csrf = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
        assert csrf is not None
        values = {"login": email, "password": PASSWORD, "csrfmiddlewaretoken": csrf[1]}
        answer = person.post(f"{address}/accounts/login/", data=values, timeout=30, allow_redirects=False)
        assert answer.status_code == 302, answer.text
        cookies = [
            {
                "name": cookie.name, "value": cookie.value, "domain": "127.0.0.1", "path": "/", "expires": -1,
                "httpOnly": True, "secure": False, "sameSite": "Lax",
            }
            for cookie in person.cookies
            if cookie.name.startswith("auditsite_")
        ]  # fmt: skip
    return {"cookies": cookies, "origins": []}
