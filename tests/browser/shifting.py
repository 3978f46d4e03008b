"""How far what is being read moves on a page by itself: what Web Vitals call cumulative layout shift."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page

_WATCH = """
window.shifts = [];
new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
  const moved = entry.sources.map(({node}) => node?.nodeName + "." + (node?.className ?? "")).join(", ");
  if (!entry.hadRecentInput) window.shifts.push([entry.value, moved]);
})).observe({type: "layout-shift", buffered: true});
"""
# A shift within half a second of a click is the click's own; answers that take longer move things by themselves.
SLOW = 700


def watch(context: BrowserContext) -> None:
    """Take note of every shift on the pages that this context opens from now on."""
    context.add_init_script(_WATCH)


def answer_slowly(page: Page) -> None:
    """From now on each answer takes longer than the time in which a shift counts as meant."""
    session = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": SLOW, "downloadThroughput": -1, "uploadThroughput": -1}
    session.send("Network.emulateNetworkConditions", slow)


def shifted(page: Page) -> list[tuple[float, str]]:
    """How far, as a share of the screen, and which elements; pages that were left before are forgotten."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    found: list[tuple[float, str]] = page.evaluate("window.shifts")
    return found
