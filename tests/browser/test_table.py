"""The list: found, filtered, sorted, and used without a mouse."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.screen import Screen
from tests.e2e.agents import PASSWORD, Numbers, Person, Twilio

NAMES = ("Mia Castillo", "Ava Thompson", "Zoe Mitchell", "Liam O'Brien")


@pytest.fixture
def leads(agent: Person, twilio: Twilio) -> list[str]:
    """Four leads, of which the first two are called: one answers, one is busy."""
    phones = Numbers.take(4)
    twilio.script(phones[0], outcome="completed", ring_s=1, talk_s=20)
    twilio.script(phones[1], outcome="busy", ring_s=1)
    found = [agent.imports(phone, name=name)[0] for phone, name in zip(phones, NAMES, strict=True)]
    for lead in found[2:]:
        assert agent.api("PUT", f"/api/leads/{lead}/do-not-call").ok
    return found


def test_search_finds_names_and_numbers_however_they_are_spaced(
    screen: Screen, agent: Person, leads: list[str]
) -> None:
    """A part of either is enough; Escape shows all again."""
    screen.enter(agent)
    search = screen.page.get_by_role("searchbox")
    search.fill("thomp")
    expect(names(screen)).to_have_text(["Ava Thompson"])
    phone = agent.lead(leads[2])["phone"]
    search.fill(f"({phone[2:5]}) {phone[5:8]}-{phone[8:]}")
    expect(names(screen)).to_have_text(["Zoe Mitchell"])
    search.fill("nobody of that name")
    expect(screen.page.get_by_text("No lead fits this search.")).to_be_visible()
    search.press("Escape")
    expect(screen.rows).to_have_count(4)


def test_a_filter_shows_one_status_and_its_count(screen: Screen, agent: Person, leads: list[str]) -> None:
    """The chips are totals and filters in one."""
    screen.enter(agent).ended(*leads[:2])
    chips = screen.page.get_by_role("group", name="Show")
    chips.get_by_role("button", name="Busy 1").click()
    expect(names(screen)).to_have_text(["Ava Thompson"])
    chips.get_by_role("button", name="Do not call 2").click()
    expect(names(screen)).to_have_text(["Zoe Mitchell", "Liam O'Brien"])
    expect(screen.page.get_by_text("2 of 4 leads")).to_be_visible()
    chips.get_by_role("button", name="Waiting 0").click()
    screen.button("Show all leads").click()
    expect(screen.rows).to_have_count(4)


def test_a_press_on_a_column_sorts_then_turns_then_goes_back_to_the_calling_order(
    screen: Screen, agent: Person, leads: list[str]
) -> None:
    """At first the list stands as it will be called."""
    screen.enter(agent).ended(*leads[:2])
    expect(names(screen)).to_have_text(NAMES)
    column = screen.page.get_by_role("columnheader", name="Name")
    column.get_by_role("button").click()
    expect(names(screen)).to_have_text(sorted(NAMES))
    expect(column).to_have_attribute("aria-sort", "ascending")
    column.get_by_role("button").click()
    expect(names(screen)).to_have_text(sorted(NAMES, reverse=True))
    column.get_by_role("button").click()
    expect(names(screen)).to_have_text(NAMES)
    screen.page.get_by_role("columnheader", name="Duration").get_by_role("button").click()
    expect(names(screen).first).to_have_text("Mia Castillo")


def test_everything_can_be_done_with_the_keyboard_alone(screen: Screen, agent: Person, leads: list[str]) -> None:
    """Log in, move in the list, open a lead and leave it, open the import and leave it; the focus is always seen."""
    keys = screen.open().page.keyboard
    expect(screen.page.get_by_label("User name or e-mail")).to_be_focused()
    keys.type(agent.username)
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    screen.live().ended(*leads[:2])

    tab_to(screen, screen.row(leads[0]))
    keys.press("ArrowDown")
    expect(screen.row(leads[1])).to_be_focused()
    keys.press("Enter")
    expect(screen.panel.get_by_role("heading", name="Ava Thompson")).to_be_visible()
    expect(screen.panel).to_be_focused()
    keys.press("Escape")
    expect(screen.row(leads[1])).to_be_focused()
    keys.press("End")
    expect(screen.row(leads[3])).to_be_focused()

    tab_to(screen, screen.button("Import"), backwards=True)
    keys.press("Enter")
    expect(screen.dialog).to_be_visible()
    keys.press("Escape")
    expect(screen.button("Import")).to_be_focused()


def tab_to(screen: Screen, wanted: Locator, *, backwards: bool = False) -> None:
    """Press Tab until *wanted* has the focus; whatever has it on the way shows that."""
    for _ in range(40):
        screen.page.keyboard.press("Shift+Tab" if backwards else "Tab")
        focused = screen.page.locator(":focus-visible")
        assert focused.count() == 0 or focused.evaluate(_SHOWN), focused.evaluate("it => it.outerHTML")
        if wanted.evaluate("it => it === document.activeElement"):
            return
    raise AssertionError("the keyboard does not get there")


_SHOWN = """it => {
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(it)
  return (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none'
}"""


def names(screen: Screen) -> Locator:
    return screen.rows.locator(".cell-name")
