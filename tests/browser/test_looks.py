"""What everybody must be able to see: contrast, names for readers of screens, dark mode, a phone's width."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, expect

from tests.browser.screen import LONG, Screen
from tests.e2e.agents import Numbers, Person, Twilio

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def leads(agent: Person, twilio: Twilio) -> list[str]:
    """One of each: connected, completed, failed, not to be called, and one that waits."""
    phones = Numbers.take(5)
    twilio.script(phones[0], outcome="completed", ring_s=1, talk_s=LONG)
    twilio.script(phones[1], outcome="completed", ring_s=1, talk_s=10)
    twilio.script(phones[2], refuse=21214)
    found = agent.imports(*phones, name="Ava Thompson-Featherstonehaugh", note="asked for a call in the morning")
    agent.api("PUT", f"/api/leads/{found[3]}/do-not-call")
    return found


def views(screen: Screen, agent: Person, leads: list[str]) -> Iterator[str]:
    """Go through the page's main states; each is named when it is in sight."""
    screen.open()
    expect(screen.page.get_by_role("heading", name="Log in")).to_be_visible()
    yield "login"
    screen.enter(agent)
    screen.status(leads[1], "completed")
    screen.status(leads[0], "in-progress")
    screen.button("Pause").click()
    expect(screen.button("Resume")).to_be_visible()
    yield "live"
    screen.inspect(leads[1])
    expect(screen.panel.get_by_test_id("history")).to_be_visible()
    yield "panel"
    screen.page.keyboard.press("Escape")
    screen.button("Settings").click()
    expect(screen.dialog.get_by_role("button", name="Save")).to_be_visible()
    yield "settings"
    screen.page.keyboard.press("Escape")
    screen.button("Import").click()
    yield "import: choose"
    screen.choose("leads.csv", f"Phone,Name\n{Numbers.take(1)[0]},Ava\nnone,Liam\n")
    expect(screen.button("See what will happen")).to_be_visible()
    yield "import: columns"
    screen.button("See what will happen").click()
    expect(screen.dialog.get_by_role("table")).to_be_visible()
    yield "import: preview"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_any_view(
    profile: Callable[..., BrowserContext], stack: dict[str, Any], agent: Person, leads: list[str], scheme: str
) -> None:
    """Contrast, names, roles and focus order, in both appearances; animations are over when it looks."""
    screen = Screen(profile(color_scheme=scheme, reduced_motion="reduce").new_page(), stack)
    for view in views(screen, agent, leads):
        found = Axe().run(screen.page).response["violations"]
        bad = [one for one in found if one["impact"] in ("serious", "critical")]
        told = [f"{one['id']}: {node['html']} {node.get('any')}" for one in bad for node in one["nodes"]]
        assert not bad, f"{view}: {told}"


def test_a_phone_shows_every_view_without_scrolling_sideways(
    profile: Callable[..., BrowserContext], stack: dict[str, Any], agent: Person, leads: list[str]
) -> None:
    """390 pixels are enough for everything."""
    screen = Screen(profile(viewport=PHONE, has_touch=True, is_mobile=True).new_page(), stack)
    for view in views(screen, agent, leads):
        width = screen.page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], f"{view} is {width} wide"


def test_dark_mode_follows_the_system_and_the_person_may_choose(
    profile: Callable[..., BrowserContext], stack: dict[str, Any], agent: Person
) -> None:
    """The choice outlives a reload."""
    screen = Screen(profile(color_scheme="dark").new_page(), stack)
    brightness = "getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g).slice(0, 3).map(Number)[0]"
    screen.enter(agent)
    dark = screen.page.evaluate(brightness)
    screen.page.get_by_label("Account").click()
    screen.page.get_by_label("Light", exact=True).check()
    light = screen.page.evaluate(brightness)
    assert dark < light
    screen.page.reload()
    screen.live()
    assert screen.page.evaluate(brightness) == light
