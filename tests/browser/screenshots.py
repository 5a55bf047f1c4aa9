"""The pictures in `docs/screenshots`: `make screenshots` brings up a stack, lets calls happen in it, and looks."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, expect, sync_playwright

from local import stack as stacks
from local.places import ROOT, SHARED, Place
from local.wishes import Wishes
from tests.browser import server
from tests.browser.screen import Screen, chromium
from tests.e2e.agents import Person, Twilio, eventually, sign_up

FOLDER = ROOT / "docs" / "screenshots"
MOST_BYTES = 200_000
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
SAMPLES = (ROOT / "samples" / "leads.csv").read_bytes()
LINES = 3
HOUR = 10  # in the morning, wherever and whenever the pictures are made
LATER_S = 71  # how much later the pictures look, so that a call under way has lasted a while

TALKS = {"outcome": "completed", "ring_s": 1, "talk_s": 100_000}
RINGS = {"outcome": "completed", "ring_s": 1, "callbacks": {"lose": ["in-progress", "completed"]}}
DIALS = {"outcome": "completed", "ring_s": 1, "callbacks": {"lose": True}}

# What becomes of the samples, in calling order; whoever is not here waits.
SCENES: list[dict[str, Any]] = [
    {"outcome": "completed", "ring_s": 6, "talk_s": 134},
    {"outcome": "no-answer", "ring_s": 25},
    {"outcome": "completed", "ring_s": 9, "talk_s": 312},
    TALKS,
    {"outcome": "busy", "ring_s": 2},
    {"refuse": 21214},
    {"outcome": "completed", "ring_s": 4, "talk_s": 47},
    RINGS,
    DIALS,
]
SPRING_FAIR = """Name,Phone,Company,Notes
Hazel Morgan,+1 202 555 0188,Morgan Events,asked for prices
Adrian Cole,(312) 555-0165,Cole Roofing,
Ava Thompson,+1 202 555 0143,Northgate Dental,came by the stand
Tessa Grant,+1 617 555 0171,Grant Optics,call after 10
Desk,n/a,Fair Office,
Marco Ferrara,+1 646 555 0192,Ferrara Foods,
Tessa Grant,617.555.0171,Grant Optics,twice in the list
Julia Stein,,Stein Consulting,only an e-mail
Ben Okafor,+1 404 555 0159,Okafor Motors,
Ines Duarte,+1 305 555 0133,Duarte Travel,prefers Spanish
Emma Lindqvist,+1 612 555 0193,MN Windows,
"""


def main() -> None:
    """Make all pictures anew."""
    asked = argparse.ArgumentParser(prog="python -m tests.browser.screenshots", description=__doc__)
    asked.add_argument("--dir", type=Path, default=SHARED / "screenshots", help="the stack to use or bring up")
    FOLDER.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=60_000)
    with _stack(Place(asked.parse_args().dir.resolve())) as outputs, sync_playwright() as playwright:
        browser = chromium(playwright)
        agent = sign_up(outputs)
        _doubtful_call(agent)
        _calls(agent)
        _pictures(browser, agent)
        browser.close()
    for picture in sorted(FOLDER.glob("*.png")):
        size = picture.stat().st_size
        print(f"{picture.relative_to(ROOT)}  {size / 1000:.0f} kB")
        assert size < MOST_BYTES, f"{picture.name} is too heavy for a README"


@contextmanager
def _stack(place: Place) -> Iterator[dict[str, Any]]:
    """A stack with the page; one that was up stays up."""
    ours = not stacks.is_up(place)
    wishes = Wishes(samples=False, simulator=("--speed", "60"))
    try:
        yield stacks.up(place, wishes, print) if ours else place.read_outputs()
    finally:
        if ours:
            stacks.down(place, print)


def _doubtful_call(agent: Person) -> None:
    """A lead at the head of the list of which nobody knows whether it was called."""
    phone = "+12165550147"
    Twilio(agent.outputs).script(phone, fault="500", made=False, times=1)
    agent.api("PUT", "/api/settings", json={"lines": LINES})
    (lead,) = agent.imports(phone, name="Rosa Delgado", note="asked for a quote")
    tab = agent.tab().start()
    eventually(lambda: agent.lead(lead)["call_status"] == "unknown", 30)
    server.grow_old(agent, lead)
    tab.emit("leads:fetched")
    eventually(lambda: agent.lead(lead)["can_release"], 30)
    tab.close()


def _calls(agent: Person) -> None:
    """The samples, and what becomes of each; one of them is not to be called."""
    agent.api("POST", "/api/autocall/pause")
    told = agent.api("POST", "/api/leads", data=SAMPLES, headers={"content-type": "text/csv"})
    assert told.status_code == 200, told.text
    twilio = Twilio(agent.outputs)
    waiting = [lead for lead in agent.leads() if lead["call_status"] == "pending"]
    leads = sorted(waiting, key=lambda lead: str(lead["imported_at"]))
    spared = leads.pop(len(SCENES) + 1)
    agent.api("PUT", f"/api/leads/{spared['lead_id']}/do-not-call")
    for lead, happens in zip(leads, SCENES, strict=False):
        twilio.script(lead["phone"], times=1, **happens)
    agent.api("POST", "/api/autocall/resume")


def _pictures(browser: Browser, agent: Person) -> None:
    """One after another, quickly: the calls under way are not for ever."""
    screen = _screen(browser, agent)
    screen.open()
    expect(screen.page.get_by_role("heading", name="Log in")).to_be_visible()
    _take(screen, "login")

    screen.enter(agent)
    rows = screen.rows
    for status, count in (("completed", 3), ("in-progress", 1), ("ringing", 1), ("queued", 1), ("failed", 1)):
        expect(rows.and_(screen.page.locator(f'[data-status="{status}"]'))).to_have_count(count)
    expect(screen.run).to_contain_text(f"{LINES} lines busy")
    _take(screen, "live", "done at about")
    for name, options in (("dark", {"color_scheme": "dark"}), ("phone", {"viewport": PHONE})):
        other = _screen(browser, agent, **options).enter(agent)
        expect(other.run).to_contain_text(f"{LINES} lines busy")
        _take(other, name, "done at about")
        other.page.context.close()

    rows.filter(has_text="Noah Petersen").locator(".cell-name").click()
    expect(screen.panel.get_by_test_id("history")).to_contain_text("Imported")
    _take(screen, "history")
    screen.page.keyboard.press("Escape")

    screen.button("Import").click()
    screen.choose("spring-fair.csv", SPRING_FAIR)
    screen.button("See what will happen").click()
    expect(screen.dialog.get_by_role("table")).to_be_visible()
    _take(screen, "import")
    screen.page.keyboard.press("Escape")

    screen.button("Pause").click()
    expect(screen.button("Resume")).to_be_visible()
    _take(screen, "paused")
    screen.page.context.close()


def _screen(browser: Browser, agent: Person, **options: Any) -> Screen:
    """A browser of somebody for whom it is ten in the morning."""
    behind = datetime.now(UTC).hour - HOUR
    zone = f"Etc/GMT{behind:+d}" if behind else "Etc/GMT"
    defaults = {"viewport": DESK, "locale": "en-US", "timezone_id": zone, "reduced_motion": "reduce"}
    context = browser.new_context(**{**defaults, **options})
    return Screen(context.new_page(), agent.outputs)


def _take(screen: Screen, name: str, says: str = "") -> None:
    """The page as it is a minute from now, when the run bar says this."""
    screen.page.clock.set_fixed_time(datetime.now(UTC) + timedelta(seconds=LATER_S))
    if says:
        expect(screen.run).to_contain_text(says)
    screen.page.mouse.move(0, 0)
    screen.page.screenshot(path=FOLDER / f"{name}.png", animations="disabled", caret="hide")


if __name__ == "__main__":
    main()
