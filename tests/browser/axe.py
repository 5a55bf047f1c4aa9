"""What axe finds wrong on a page for who cannot see it, or cannot see it well."""

from collections.abc import Sequence
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

BY_COLOUR = ("color-contrast", "link-in-text-block")
"""The rules that look at colours. Where nothing but colours is different, no other one finds anything new."""


def violations(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """All that is wrong, by these rules or by every one."""
    return [_told(one) for one in _found(page, rules)]


def serious(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """What keeps somebody from using this view."""
    return [_told(one) for one in _found(page, rules) if one["impact"] in ("serious", "critical")]


def _found(page: Page, rules: Sequence[str]) -> list[dict[str, Any]]:
    # To describe all that is right, to name every element and to load axe again take longer than to look.
    # It scrolls to look at colours, and leaves the page so unless it is told to scroll back.
    options: dict[str, Any] = {
        "resultTypes": ["violations"],
        "selectors": False,
        "elementRef": False,
        "restoreScroll": True,
    }
    if rules:
        options["runOnly"] = {"type": "rule", "values": list(rules)}
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[dict[str, Any]] = page.evaluate(_RUN, options)
    return found


def _told(violation: dict[str, Any]) -> str:
    return f"{violation['id']}: " + " ".join(f"{node['html']} {node.get('any')}" for node in violation["nodes"])


_RUN = "async (options) => (await axe.run(options)).violations"
