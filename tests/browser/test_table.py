"""The list: found, filtered, sorted, and used without a mouse."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import BrowserContext, Locator, expect

from tests.browser import server
from tests.browser.screen import Screen
from tests.e2e.agents import PASSWORD, Numbers, Person, Twilio, sign_up

Owned = tuple[Person, list[str]]  # an agent, and their leads

NAMES = ("Mia Castillo", "Ava Thompson", "Zoe Mitchell", "Liam O'Brien")


@pytest.fixture(scope="module")
def four(stack: dict[str, Any]) -> Owned:
    """Four leads, of which the first two are called: one answers, one is busy. No test changes them."""
    agent, twilio = sign_up(stack), Twilio(stack)
    phones = Numbers.take(4)
    twilio.script(phones[0], outcome="completed", ring_s=1, talk_s=20)
    twilio.script(phones[1], outcome="busy", ring_s=1)
    found = [agent.imports(phone, name=name)[0] for phone, name in zip(phones, NAMES, strict=True)]
    for lead in found[2:]:
        assert agent.api("PUT", f"/api/leads/{lead}/do-not-call").ok
    return agent, found


def test_search_finds_names_and_numbers_however_they_are_spaced(screen: Screen, four: Owned) -> None:
    """A part of either is enough; Escape shows all again."""
    agent, leads = four
    screen.enter(agent)
    search = screen.page.get_by_role("searchbox")
    search.fill("thomp")
    expect(names(screen)).to_have_text(["Ava Thompson"])
    phone = agent.lead(leads[2])["phone"]
    search.fill(f"({phone[2:5]}) {phone[5:8]}-{phone[8:]}")
    expect(names(screen)).to_have_text(["Zoe Mitchell"])
    search.fill("nobody of that name")
    expect(screen.page.get_by_text("No lead matches this search.")).to_be_visible()
    search.press("Escape")
    expect(screen.rows).to_have_count(4)


def test_a_filter_shows_one_status_and_its_count(screen: Screen, four: Owned) -> None:
    """The chips are totals and filters in one."""
    agent, leads = four
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


def test_a_press_on_a_column_sorts_then_turns_then_goes_back_to_the_usual_order(screen: Screen, four: Owned) -> None:
    """At first the past stands with its newest call on top, and who is not to be called at the end."""
    agent, leads = four
    screen.enter(agent).ended(*leads[:2])
    last = max(leads[:2], key=lambda lead: str(agent.lead(lead)["ended_at"]))
    usual = NAMES if last == leads[0] else (NAMES[1], NAMES[0], *NAMES[2:])
    expect(names(screen)).to_have_text(usual)
    column = screen.page.get_by_role("columnheader", name="Name")
    column.get_by_role("button").click()
    expect(names(screen)).to_have_text(sorted(NAMES))
    expect(column).to_have_attribute("aria-sort", "ascending")
    column.get_by_role("button").click()
    expect(names(screen)).to_have_text(sorted(NAMES, reverse=True))
    column.get_by_role("button").click()
    expect(names(screen)).to_have_text(usual)
    screen.page.get_by_role("columnheader", name="Duration").get_by_role("button").click()
    expect(names(screen).first).to_have_text("Mia Castillo")


def test_everything_can_be_done_with_the_keyboard_alone(screen: Screen, four: Owned) -> None:
    """Log in, move in the list, open a lead and leave it, open the import and leave it; the focus is always seen."""
    agent, leads = four
    keys = screen.open().page.keyboard
    expect(screen.page.get_by_label("User name or e-mail")).to_be_focused()
    keys.type(agent.username)
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    screen.live().ended(*leads[:2])
    first, second = leads[:2]
    if agent.lead(first)["ended_at"] < agent.lead(second)["ended_at"]:
        first, second = second, first

    tab_to(screen, screen.row(first))
    keys.press("ArrowDown")
    expect(screen.row(second)).to_be_focused()
    keys.press("Enter")
    expect(screen.panel.get_by_role("heading", name=agent.lead(second)["name"])).to_be_visible()
    expect(screen.panel).to_be_focused()
    keys.press("Escape")
    expect(screen.row(second)).to_be_focused()
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
        seen = screen.page.evaluate(_SEEN)
        assert seen is True, f"nobody sees that this has the focus: {seen}"
        if wanted.evaluate("it => it === document.activeElement"):
            return
    raise AssertionError("the keyboard does not get there")


_SEEN = """() => {
  const it = document.activeElement
  if (it === document.body) return true
  const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(it)
  const drawn = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 && !/, 0\\)$/.test(outlineColor)
  return (it.matches(':focus-visible') && drawn) || it.outerHTML.slice(0, 200)
}"""


def sixty_leads(agent: Person) -> list[str]:
    """More than a screen shows; nobody is called."""
    agent.api("POST", "/api/autocall/pause")
    return agent.imports(*Numbers.take(60))


@pytest.fixture(scope="module")
def sixty(stack: dict[str, Any]) -> Owned:
    """Sixty leads that no test changes: one that tells its page of a change tells nobody else."""
    agent = sign_up(stack)
    return agent, sixty_leads(agent)


def test_a_held_lead_says_until_when_and_why(
    profile: Callable[..., BrowserContext], stack: dict[str, Any], sixty: Owned
) -> None:
    """In the agent's own time: held until nine in the morning, for it is outside calling hours."""
    agent, many = sixty
    now = datetime.now(ZoneInfo("America/New_York"))
    nine = now.replace(hour=9, minute=0, second=0, microsecond=0)
    page = profile(timezone_id="America/New_York", locale="en-US").new_page()
    page.clock.set_fixed_time(now)  # or its day could be another than the test's, at midnight
    screen = Screen(page, stack).enter(agent)
    for day, lead in enumerate(many[:2]):
        until = (nine + timedelta(day)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        server.tell(agent, lead, held={"reason": "hours", "until": until})
    screen.page.get_by_role("group", name="Show").get_by_role("button", name="Held 2").click()
    for lead, words in (
        (many[0], "Held until 9:00 AM"),
        (many[1], f"Held until {nine + timedelta(1):%a} 9:00 AM"),
    ):
        expect(screen.row(lead).locator(".cell-status")).to_have_text(re.compile(words.replace(" ", r"\s")))
        expect(screen.row(lead).locator(".cell-reason")).to_have_text("outside calling hours")


def test_a_change_is_seen_to_happen_and_the_table_stays_where_it_is(
    profile: Callable[..., BrowserContext], stack: dict[str, Any], sixty: Owned
) -> None:
    """The row lights up for a moment; rows that leave the list above it do not move it."""
    agent, many = sixty
    screen = Screen(profile(reduced_motion="no-preference").new_page(), stack).enter(agent)
    screen.page.get_by_role("group", name="Show").get_by_role("button", name="Waiting 60").click()
    screen.page.locator(".scroller").evaluate("it => it.scrollTop = 20 * 36")
    row = screen.row(many[25])
    expect(row).to_be_visible()
    screen.page.mouse.move(0, 0)
    before = row.bounding_box()
    expect(row.locator(".flash")).to_have_count(0)
    row.evaluate(_COUNT_FLASHES)
    server.tell(agent, many[25], held=None)
    expect(row).to_have_attribute("data-flashes", "1")
    expect(row.locator(".flash")).to_have_count(0)
    for lead in many[:3]:
        server.tell(agent, lead, do_not_call=True)
    expect(screen.page.locator(".shown")).to_have_text("57 of 60 leads")
    assert row.bounding_box() == before


# A moment is over before a slow machine looks.
_COUNT_FLASHES = """(row) => {
  let flashes = 0
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes)
      for (const { className } of addedNodes) if (className === 'flash') row.dataset.flashes = ++flashes
  }).observe(row, { childList: true })
}"""


def test_the_row_one_was_at_keeps_the_focus_however_far_away_one_scrolls(screen: Screen, sixty: Owned) -> None:
    """And Tab comes back to it."""
    agent, many = sixty
    screen.enter(agent)
    tab_to(screen, screen.row(many[0]))
    screen.page.keyboard.press("ArrowDown")
    expect(screen.row(many[1])).to_be_focused()  # before that, to get the focus would scroll back to it
    screen.page.locator(".scroller").evaluate("it => it.scrollTop = it.scrollHeight")
    expect(screen.row(many[59])).to_be_visible()
    expect(screen.row(many[1])).to_be_focused()
    tab_to(screen, screen.row(many[1]).get_by_role("button"))
    tab_to(screen, screen.row(many[1]), backwards=True)


def test_a_lead_that_leaves_the_filter_gives_the_focus_to_the_one_in_its_place(screen: Screen, sixty: Owned) -> None:
    """Whoever works with the keyboard goes on from there, and not from the top of the page."""
    agent, many = sixty
    screen.enter(agent)
    screen.page.get_by_role("group", name="Show").get_by_role("button", name="Waiting 60").click()
    tab_to(screen, screen.row(many[0]))
    screen.page.keyboard.press("ArrowDown")
    expect(screen.row(many[1])).to_be_focused()
    server.tell(agent, many[1], do_not_call=True)
    expect(screen.row(many[1])).to_have_count(0)
    expect(screen.row(many[2])).to_be_focused()


def test_a_closed_panel_gives_the_focus_to_the_lead_that_it_showed(screen: Screen, sixty: Owned) -> None:
    """Not to the one whose panel was open before."""
    agent, many = sixty
    screen.enter(agent).inspect(many[0])
    screen.inspect(many[1])
    expect(screen.panel).to_be_focused()
    screen.page.keyboard.press("Escape")
    expect(screen.panel).to_have_count(0)
    expect(screen.row(many[1])).to_be_focused()


def test_on_a_phone_tab_gets_only_to_what_is_in_sight(
    profile: Callable[..., BrowserContext], stack: dict[str, Any], sixty: Owned
) -> None:
    """No column's hidden button, and nothing behind an open panel."""
    agent, many = sixty
    screen = Screen(profile(viewport={"width": 390, "height": 844}).new_page(), stack).enter(agent)
    tab_to(screen, screen.row(many[0]))
    assert screen.page.evaluate(_COVERED) == []
    screen.inspect(many[0])
    for _ in range(8):
        screen.page.keyboard.press("Tab")
        assert screen.page.evaluate("document.activeElement.matches('body, .panel, .panel *')")
    assert screen.page.evaluate(_COVERED) == []


_COVERED = """() => [...document.querySelectorAll('button, a[href], input, select, summary, [tabindex="0"]')]
  .filter((it) => it.tabIndex >= 0 && !it.closest('[inert]') && !it.matches('.skip') && it.checkVisibility())
  .filter((it) => {
    const { left, top, width, height } = it.getBoundingClientRect()
    const there = document.elementFromPoint(Math.min(left + width / 2, innerWidth - 1), top + height / 2)
    return width < 4 || (there !== null && !it.contains(there) && !there.contains(it) && !it.closest('.rows, .chips'))
  })
  .map((it) => it.outerHTML.slice(0, 120))"""


def test_what_a_search_finds_is_announced_and_what_the_calls_change_is_not(screen: Screen, sixty: Owned) -> None:
    """A reader of screens hears the person's own doing only."""
    agent, many = sixty
    screen.enter(agent)
    said = screen.page.locator(".toolbar [role=status]")
    expect(screen.page.locator(".shown")).to_have_text("60 leads")
    expect(said).to_have_text("")
    screen.page.get_by_role("group", name="Show").get_by_role("button", name="Waiting 60").click()
    expect(said).to_have_text("60 leads")
    server.tell(agent, many[0], do_not_call=True)
    expect(screen.page.locator(".shown")).to_have_text("59 of 60 leads")
    screen.page.wait_for_timeout(1_500)
    expect(said).to_have_text("60 leads")
    screen.page.get_by_role("searchbox").fill(agent.lead(many[1])["phone"])
    expect(said).to_have_text("1 of 60 leads")


def test_a_lead_has_an_address_and_back_leads_to_the_list_where_it_was(screen: Screen, sixty: Owned) -> None:
    """Back closes the panel, and so does Escape; the address opens it again, in a tab that was never here too."""
    agent, many = sixty
    screen.enter(agent).inspect(many[3])
    assert screen.page.url.endswith(f"#/lead/{many[3]}")
    screen.inspect(many[4])
    screen.page.go_back()
    expect(screen.panel).to_have_count(0)
    expect(screen.row(many[4])).to_be_focused()
    screen.page.locator(".scroller").evaluate("it => it.scrollTop = 30 * 36")
    screen.inspect(many[35]).press("Escape")
    expect(screen.panel).to_have_count(0)
    assert "#" not in screen.page.url
    expect(screen.page.locator(".scroller")).to_have_js_property("scrollTop", 30 * 36)
    other = Screen(screen.page.context.new_page(), {"page_url": f"{screen.url}#/lead/{many[35]}"}).open()
    expect(other.panel.get_by_test_id("history")).to_be_visible()
    expect(other.row(many[35])).to_be_in_viewport()
    other.page.keyboard.press("Escape")
    expect(other.panel).to_have_count(0)
    expect(other.row(many[35])).to_be_focused()


def test_a_reload_keeps_what_one_looks_at_and_the_columns_one_has_chosen(screen: Screen, agent: Person) -> None:
    """The list's own column is offered by its name, and what was searched for is marked wherever it was found."""
    many = sixty_leads(agent)
    (one,) = agent.imports(*Numbers.take(1), name="Ava Thompson", Allergy="none but bees")
    screen.enter(agent)
    expect(screen.page.locator(".shown")).to_have_text("61 leads")  # before that there is nothing to scroll
    screen.page.locator(".scroller").evaluate("it => it.scrollTop = 20 * 36")
    expect(screen.row(many[30])).to_be_visible()
    screen.page.reload()
    screen.live()
    expect(screen.row(many[20])).to_be_in_viewport()
    assert screen.page.locator(".scroller").evaluate("it => it.scrollTop") == 20 * 36

    screen.page.get_by_role("group", name="Show").get_by_role("button", name="Waiting 61").click()
    screen.page.get_by_role("searchbox").fill("BEES")
    expect(screen.row(one).locator(".cell-found mark")).to_have_text("bees")
    expect(screen.row(one).locator(".cell-found")).to_contain_text("Allergy:")
    screen.page.get_by_label("Columns", exact=True).click()
    screen.page.get_by_label("Allergy", exact=True).check()
    screen.page.keyboard.press("Escape")
    expect(screen.row(one).locator(".cell-own mark")).to_have_text("bees")
    expect(screen.row(one).locator(".cell-found")).to_have_text("")
    screen.page.reload()
    screen.live()
    expect(screen.rows).to_have_count(1)
    expect(screen.row(one).locator(".cell-own")).to_have_text("none but bees")
    expect(screen.page.get_by_role("searchbox")).to_have_value("BEES")


def test_nothing_moves_the_row_under_the_pointer(screen: Screen, sixty: Owned) -> None:
    """Neither what appears above the list, at its very top too, nor leads that leave it."""
    agent, many = sixty
    screen.enter(agent)
    screen.page.get_by_role("group", name="Show").get_by_role("button", name="Waiting 60").click()
    row = screen.row(many[5])
    row.hover()
    before = top(row)
    screen.page.context.set_offline(True)
    expect(screen.page.locator(".stale")).to_be_visible()
    assert abs(top(row) - before) < 1  # a scroll position is rounded
    screen.page.context.set_offline(False)
    screen.live()
    expect(screen.page.locator(".stale")).to_have_count(0)
    assert abs(top(row) - before) < 1
    for lead in many[:3]:
        server.tell(agent, lead, do_not_call=True)
    expect(screen.page.locator(".shown")).to_have_text("57 of 60 leads")
    assert abs(top(row) - before) < 1


def names(screen: Screen) -> Locator:
    return screen.rows.locator(".cell-name")


def top(row: Locator) -> float:
    box = row.bounding_box()
    assert box
    return box["y"]
