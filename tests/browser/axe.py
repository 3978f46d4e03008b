"""axe-core (vendor/axe-core): what of WCAG 2.2 AA a machine can see is broken on a page as it stands."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

SCRIPT = Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# What another theme can change: the markup is the same.
OF_COLOUR = ["color-contrast", "link-in-text-block"]

_RUN = """async (only) => {
  const wanted = {runOnly: only, resultTypes: ["violations"], elementRef: false, preload: false};
  const result = await axe.run(document, wanted);
  return result.violations.flatMap((rule) => rule.nodes.slice(0, 5).map((node) =>
    `${rule.id} (${rule.help}): ${node.target.join(" ")} ${node.html.slice(0, 120)}: `
      + node.failureSummary.split("\\n").slice(1).map((line) => line.trim()).join("; ")));
}"""


@cache
def _script() -> str:
    return SCRIPT.read_text(encoding="utf-8")


def violations(page: Page, *, rules: list[str] | None = None) -> list[str]:
    """One line for each element that breaks a rule, five a rule: all of WCAG 2.2 A and AA, or these `rules` alone.

    The script comes in by the debugger's road, past the page's content security policy, which stays as it is. Without
    `preload` it makes no style sheets of its own, which the policy would refuse.
    """
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_script())
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": TAGS}
    found: list[str] = page.evaluate(_RUN, only)
    return found
