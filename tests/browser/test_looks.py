"""What everybody must be able to see: contrast, names for readers of screens, dark mode, a phone's width."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from local.paths import WEB
from tests.browser import server
from tests.browser.axe import BY_COLOUR, serious
from tests.browser.screen import LONG, Screen
from tests.e2e.agents import Numbers, Person, Twilio

PHONE = {"width": 390, "height": 844}
SMALL_PHONE = {"width": 320, "height": 568}
TEXTS = WEB / "src" / "texts.ts"
SHORT = [(683, 330), (640, 360), (844, 340), (320, 256)]  # a phone on its side, and a page enlarged to 400 %


@pytest.fixture
def leads(agent: Person, twilio: Twilio) -> list[str]:
    """One of each: connected, completed, failed, not to be called, and busy."""
    phones = Numbers.take(5)
    twilio.script(phones[0], outcome="completed", ring_s=1, talk_s=LONG)
    twilio.script(phones[1], outcome="completed", ring_s=1, talk_s=10)
    twilio.script(phones[2], refuse=21214)
    twilio.script(phones[4], outcome="busy", ring_s=1)
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
    screen.status(leads[4], "busy")
    screen.button("Pause").click()
    expect(screen.button("Resume")).to_be_visible()
    held, doubt = agent.imports(*Numbers.take(2), name="Ava Thompson-Featherstonehaugh")
    screen.page.reload()
    screen.live()
    server.tell(agent, held, held={"reason": "hours", "until": "2030-01-02T14:00:00.000Z"})
    expect(screen.row(held)).to_contain_text("Held until")
    server.tell(agent, doubt, call_status="unknown", reason="not_found", can_release=True)
    expect(screen.row(doubt)).to_contain_text("Needs review")
    yield "live, held and in doubt"
    screen.page.get_by_label("Account").click()
    expect(screen.button("Sign out")).to_be_visible()
    yield "account"
    screen.page.keyboard.press("Escape")
    if screen.page.get_by_label("Columns", exact=True).is_visible():
        screen.page.get_by_label("Columns", exact=True).click()
        expect(screen.button("As proposed")).to_be_visible()
        yield "columns"
        screen.page.keyboard.press("Escape")
    screen.page.get_by_role("searchbox").fill("morning")
    expect(screen.page.locator("mark").first).to_be_visible()
    yield "found"
    screen.page.get_by_role("searchbox").fill("nobody of that name")
    expect(screen.button("Show all leads")).to_be_visible()
    yield "nothing found"
    screen.button("Show all leads").click()
    screen.inspect(doubt)
    screen.panel.get_by_role("button", name="Call again").click()
    expect(screen.dialog).to_be_visible()
    yield "question"
    screen.button("No, leave it").click()
    screen.page.keyboard.press("Escape")
    expect(screen.panel).to_have_count(0)
    server.say(agent, {"event": "error", "data": {"code": "odd", "message": "Something is odd here."}})
    expect(screen.page.get_by_text("Something is odd here.")).to_be_visible()
    yield "toast"
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
    expect(screen.button("Preview")).to_be_visible()
    yield "import: columns"
    screen.button("Preview").click()
    expect(screen.dialog.get_by_role("table")).to_be_visible()
    yield "import: preview"
    screen.button("Import 1 row").click()
    expect(screen.dialog.get_by_role("listitem")).to_contain_text("not a phone number")
    yield "import: result"


_SAY = """([state, word]) => {
  const badge = document.querySelector('[data-testid="connection-state"]')
  const text = badge.querySelector('strong')
  badge.dataset.state = document.querySelector('.page').dataset.state = state
  text.textContent = word
  return [document.documentElement.scrollWidth, text.scrollWidth <= text.clientWidth]
}"""


def test_axe_finds_nothing_serious_on_any_view_in_either_appearance(
    screen: Screen, agent: Person, leads: list[str]
) -> None:
    """Contrast, names, roles and focus order; dark, where only the colours are others, by the rules about colours."""
    for view in views(screen, agent, leads):
        screen.page.emulate_media(color_scheme="light")
        assert serious(screen.page) == [], view
        light = screen.page.evaluate(_BRIGHTNESS)
        screen.page.emulate_media(color_scheme="dark")
        assert screen.page.evaluate(_BRIGHTNESS) < light
        assert serious(screen.page, BY_COLOUR) == [], f"{view}, dark"


def test_a_phone_shows_every_view_without_scrolling_sideways_and_axe_finds_nothing_serious(
    profile: Callable[..., BrowserContext], stack: dict[str, Any], agent: Person, leads: list[str]
) -> None:
    """390 pixels are enough for everything, and so are 320."""
    screen = Screen(profile(viewport=SMALL_PHONE, has_touch=True, is_mobile=True).new_page(), stack)
    for view in views(screen, agent, leads):
        for phone in (SMALL_PHONE, PHONE):
            screen.page.set_viewport_size(phone)  # type: ignore[arg-type]
            width = screen.page.evaluate(_WIDTH)
            assert width <= phone["width"], f"{view} is {width} wide"
        assert serious(screen.page) == [], view
        screen.page.set_viewport_size(SMALL_PHONE)  # type: ignore[arg-type]


_BRIGHTNESS = "getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g).slice(0, 3).map(Number)[0]"
_WIDTH = """() => new Promise((tell) => {
  const drawn = () => tell(document.documentElement.scrollWidth)
  requestAnimationFrame(() => requestAnimationFrame(drawn))
})"""


def test_a_small_phone_has_room_for_every_word_about_the_connection(
    profile: Callable[..., BrowserContext], stack: dict[str, Any], agent: Person
) -> None:
    """The word is read whole, and nothing is pushed out at the side."""
    screen = Screen(profile(viewport=SMALL_PHONE).new_page(), stack).enter(agent)
    words = dict(re.findall(r"^  (\w+): \{\s*label: '(.+?)'", TEXTS.read_text(), re.MULTILINE))
    assert {"live", "connecting", "reconnecting", "impossible"} <= set(words)
    for state, word in words.items():
        width, whole = screen.page.evaluate(_SAY, [state, word])
        assert (width, whole) == (SMALL_PHONE["width"], True), word


def test_a_short_window_shows_leads_and_the_way_to_the_last_of_them(screen: Screen, agent: Person) -> None:
    """Where there is no room for everything at once, the page scrolls; the rows still come and go as one looks."""
    agent.api("POST", "/api/autocall/pause")
    leads = agent.imports(*Numbers.take(60))
    screen.enter(agent)
    for width, height in SHORT:
        screen.page.set_viewport_size({"width": width, "height": height})
        screen.rows.first.scroll_into_view_if_needed()
        list_ = screen.page.get_by_role("region", name="Leads").bounding_box()
        assert list_
        assert list_["height"] > 0.8 * height, (width, height)
        screen.row(leads[0]).focus()
        screen.page.keyboard.press("End")
        expect(screen.row(leads[-1])).to_be_focused()
        expect(screen.row(leads[-1])).to_be_in_viewport(ratio=0.9)
        assert screen.rows.count() < len(leads)
        screen.page.keyboard.press("Home")
        expect(screen.row(leads[0])).to_be_focused()


def test_an_empty_list_is_found_nothing_serious_in(
    profile: Callable[..., BrowserContext], stack: dict[str, Any], agent: Person
) -> None:
    """What a new agent sees first."""
    screen = Screen(profile().new_page(), stack).enter(agent)
    expect(screen.page.get_by_role("heading", name="Your list is empty")).to_be_visible()
    assert serious(screen.page) == []


def test_nothing_moves_for_who_wants_no_motion(
    profile: Callable[..., BrowserContext], stack: dict[str, Any], agent: Person, twilio: Twilio
) -> None:
    """A call that rings has an icon that would; it moves for everybody else."""
    (phone,) = Numbers.take(1)
    twilio.script(phone, outcome="completed", ring_s=1, talk_s=1, callbacks={"lose": ["in-progress", "completed"]})
    still = Screen(profile(reduced_motion="reduce").new_page(), stack).enter(agent)
    other = Screen(profile(reduced_motion="no-preference").new_page(), stack).enter(agent)
    (lead,) = agent.imports(phone)
    moving = "document.getAnimations().filter((it) => it.playState === 'running').length"
    still.status(lead, "ringing")
    assert still.page.evaluate(moving) == 0
    other.status(lead, "ringing")
    assert other.page.evaluate(moving) > 0


def test_dark_mode_follows_the_system_and_the_person_may_choose(
    profile: Callable[..., BrowserContext], stack: dict[str, Any], agent: Person
) -> None:
    """The choice outlives a reload."""
    screen = Screen(profile(color_scheme="dark").new_page(), stack)
    screen.enter(agent)
    dark = screen.page.evaluate(_BRIGHTNESS)
    screen.page.get_by_label("Account").click()
    screen.page.get_by_label("Light", exact=True).check()
    light = screen.page.evaluate(_BRIGHTNESS)
    assert dark < light
    screen.page.reload()
    screen.live()
    assert screen.page.evaluate(_BRIGHTNESS) == light
