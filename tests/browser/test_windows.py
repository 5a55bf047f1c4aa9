"""Dialogs, the panel and the bars: where the focus is, and that a small window shows all that they say."""

from playwright.sync_api import ViewportSize, expect

from tests.browser.screen import Screen
from tests.e2e.agents import Numbers, Person

SMALL: list[ViewportSize] = [{"width": 320, "height": 568}, {"width": 640, "height": 400}]


def test_an_enter_too_many_neither_closes_an_import_nor_sends_it(screen: Screen, agent: Person) -> None:
    """The focus begins at what leads on; before anything is sent, at what is to be looked at."""
    keys = screen.enter(agent).page.keyboard
    screen.button("Import").click()
    expect(screen.button("Choose a file").first).to_be_focused()
    screen.choose("leads.csv", f"Phone,Name\n{Numbers.take(1)[0]},Ava\n")
    expect(screen.button("Preview")).to_be_focused()
    keys.press("Enter")
    expect(screen.dialog.get_by_role("table")).to_be_focused()
    keys.press("Enter")
    expect(screen.button("Import 1 row")).to_be_visible()
    assert agent.leads() == []


def test_the_focus_stays_in_the_panel_of_a_lead_that_is_deleted(screen: Screen, agent: Person) -> None:
    """The safe answer has it first; afterwards Escape closes the panel."""
    agent.api("POST", "/api/autocall/pause")
    lead, _ = agent.imports(*Numbers.take(2))
    keys = screen.enter(agent).page.keyboard
    screen.inspect(lead).get_by_role("button", name="Delete").click()
    expect(screen.button("No, keep it")).to_be_focused()
    keys.press("Tab")
    keys.press("Enter")
    expect(screen.panel).to_contain_text("This lead has been deleted.")
    expect(screen.panel).to_be_focused()
    keys.press("Escape")
    expect(screen.panel).to_have_count(0)


def test_a_small_window_shows_all_of_a_dialog(screen: Screen, agent: Person) -> None:
    """Nothing is cut off at the side, and the dialog itself scrolls to what is below."""
    screen.enter(agent)
    for size in SMALL:
        screen.page.set_viewport_size(size)
        screen.button("Settings").click()
        expect(screen.button("Save")).to_be_visible()
        assert screen.page.evaluate(_CUT_OFF) == [], size
        screen.page.keyboard.press("Escape")
        screen.button("Import").first.click()
        columns = [f"A rather long name of a column {index}" for index in range(8)]
        screen.choose("a.csv", ",".join(["Phone", *columns]) + "\n" + "+12025550101" + ",w h a t e v e r" * 8 + "\n")
        expect(screen.button("Preview")).to_be_visible()
        assert screen.page.evaluate(_CUT_OFF) == [], size
        last = screen.dialog.get_by_label(columns[-1])
        last.scroll_into_view_if_needed()
        expect(last).to_be_in_viewport(ratio=0.9)
        screen.page.keyboard.press("Escape")
        expect(screen.dialog).to_have_count(0)


_CUT_OFF = """() => {
  const { left, right } = document.querySelector('.dialog-body').getBoundingClientRect()
  const inside = (it) => it.getBoundingClientRect().left >= left && it.getBoundingClientRect().right <= right
  const small = (it) => it.matches('.columns-scroll') && it.scrollHeight > it.clientHeight + 1
  const all = [...document.querySelectorAll('.dialog-body *:not(option)')].filter((it) => it.getClientRects().length)
  return all.filter((it) => !inside(it) || small(it)).map((it) => it.outerHTML)
}"""


def test_the_word_about_the_connection_is_read_whole_and_so_is_what_it_means(screen: Screen, agent: Person) -> None:
    """Where there is room for both, none of them is cut off."""
    screen.enter(agent).page.context.set_offline(True)
    expect(screen.state.locator("strong")).to_have_text("Offline")
    for width in (330, 730, 1024, 1440):
        screen.page.set_viewport_size({"width": width, "height": 700})
        assert screen.state.evaluate(_WHOLE), width
        expect(screen.page.locator(".stale")).to_contain_text("What you see may be old.")


_WHOLE = """(badge) => [badge, badge.querySelector('strong'), document.querySelector('.stale')].every((it) => {
  return it.scrollWidth <= it.clientWidth || getComputedStyle(it).display === 'inline'
}) && badge.getBoundingClientRect().right < document.querySelector('.top > button').getBoundingClientRect().left"""


def test_whatever_wraps_in_the_run_bar_loses_none_of_its_letters(screen: Screen, agent: Person) -> None:
    """The dots between the facts stand in a margin that is cut off; the words do not."""
    agent.api("POST", "/api/autocall/pause")
    agent.imports(*Numbers.take(2))
    screen.enter(agent)
    expect(screen.run.locator(".fact")).to_have_text("2 leads waiting")
    for width in (320, 760):
        screen.page.set_viewport_size({"width": width, "height": 700})
        assert screen.run.evaluate(_LEFTMOST) >= 0, width


_LEFTMOST = """(bar) => {
  const left = bar.querySelector('.run-text').getBoundingClientRect().left
  const words = [...bar.querySelectorAll('.run-title > :first-child, .fact')]
  return Math.min(...words.flatMap((it) => {
    it.textContent = 'this number cannot be reached '.repeat(5)
    const range = document.createRange()
    range.selectNodeContents(it)
    return [...range.getClientRects()].map((line) => Math.round(line.left - left))
  }))
}"""
