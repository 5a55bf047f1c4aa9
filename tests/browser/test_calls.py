"""Calls happen by themselves, the page shows them as they are, and a person may step in."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import BrowserContext, expect

from tests.browser import server
from tests.browser.screen import LONG, Screen
from tests.e2e.agents import Numbers, Person, Twilio

SAMPLES = Path(__file__).parents[2] / "samples" / "leads.csv"


def test_after_the_login_every_sample_lead_is_called_once_and_shown_to_its_end(
    screen: Screen, agent: Person, twilio: Twilio
) -> None:
    """Nothing is pressed but the login: each row ends in a final status, and each number was dialled once."""
    agent.api("PUT", "/api/settings", json={"lines": 20})
    columns = json.dumps({"Company": "keep", "Notes": "note"})
    path = f"/api/leads?{urlencode({'columns': columns})}"
    told = agent.api("POST", path, data=SAMPLES.read_bytes(), headers={"content-type": "text/csv"}).json()
    assert told["created"] >= 30, told
    leads = agent.leads()
    phones = [lead["phone"] for lead in leads]
    before = twilio.dialled(*phones)

    screen.enter(agent)
    screen.page.set_viewport_size({"width": 1280, "height": 2400})  # all rows are in sight
    expect(screen.rows).to_have_count(len(leads))
    screen.ended(*[lead["lead_id"] for lead in leads])

    expect(screen.run).to_contain_text("Nothing is waiting")
    assert [after - was for after, was in zip(twilio.dialled(*phones), before, strict=True)] == [1] * len(leads)


def test_a_row_says_each_end_in_words(screen: Screen, agent: Person, twilio: Twilio) -> None:
    """Completed with its duration, as it was recorded, busy, no answer, and failed with the reason."""
    phones = Numbers.take(4)
    for phone, outcome in zip(phones, ("completed", "busy", "no-answer"), strict=False):
        twilio.script(phone, outcome=outcome, ring_s=1, talk_s=5)
    twilio.script(phones[3], refuse=21214)
    completed, busy, no_answer, failed = agent.imports(*phones)
    screen.enter(agent)

    expect(screen.row(completed)).to_contain_text("Completed")
    talked_s = agent.lead(completed)["duration_s"]
    assert talked_s >= 5
    expect(screen.row(completed).locator(".cell-duration")).to_have_text(f"{talked_s // 60}:{talked_s % 60:02}")
    expect(screen.row(busy)).to_contain_text("Busy")
    expect(screen.row(no_answer)).to_contain_text("No answer")
    expect(screen.row(failed)).to_contain_text("Failed")
    expect(screen.row(failed)).to_contain_text("this number cannot be reached")


def test_a_second_tab_sees_the_same_calls(
    screen: Screen, tab: Callable[[], Screen], agent: Person, twilio: Twilio
) -> None:
    """Connected in one tab is connected in the other, and so is the end; nobody is called twice."""
    (phone,) = Numbers.take(1)
    twilio.script(phone, outcome="completed", ring_s=1, talk_s=LONG)
    (lead,) = agent.imports(phone)
    screen.enter(agent)
    second = tab().open().live()
    for each in (screen, second):
        each.status(lead, "in-progress")
    server.hang_up(agent.outputs, phone)
    for each in (screen, second):
        each.status(lead, "completed")
    assert twilio.dialled(phone) == [1]


def test_two_people_never_see_each_others_leads(
    profile: Callable[..., BrowserContext], stack: dict[str, Any], someone: Callable[..., Person]
) -> None:
    """Neither in the list nor in anything that their pages are sent."""
    people = [someone(), someone()]
    leads = [person.imports(*Numbers.take(2)) for person in people]
    screens = [Screen(profile().new_page(), stack).enter(person) for person in people]
    for screen, own, others in zip(screens, leads, reversed(leads), strict=True):
        screen.ended(*own)
        expect(screen.rows).to_have_count(2)
        received = "".join(screen.received)
        assert all(lead in received for lead in own)
        assert not any(lead in received for lead in others)


def test_a_pause_lets_the_placed_call_go_on_and_resume_goes_on_with_the_list(
    screen: Screen, agent: Person, twilio: Twilio
) -> None:
    """Pause is one press; what waits, waits until the press on Resume."""
    agent.api("PUT", "/api/settings", json={"lines": 1})
    phones = Numbers.take(3)
    twilio.script(phones[0], outcome="completed", ring_s=1, talk_s=LONG)
    first, *rest = agent.imports(*phones)
    screen.enter(agent)
    screen.status(first, "in-progress")

    screen.button("Pause").click()
    expect(screen.run).to_contain_text("No new call starts until you resume.")
    expect(screen.run).to_contain_text("The call that was already placed goes on.")
    server.hang_up(agent.outputs, phones[0])
    screen.status(first, "completed")
    screen.hears("autocall:finished", reason="paused")
    screen.page.reload()
    expect(screen.run).to_contain_text("Paused")
    expect(screen.run).to_contain_text("2 leads waiting")
    assert twilio.dialled(*phones) == [1, 0, 0]

    screen.button("Resume").click()
    screen.ended(*rest)
    assert twilio.dialled(*phones) == [1, 1, 1]


def test_a_call_nobody_knows_the_end_of_is_called_again_only_after_a_question(
    screen: Screen, agent: Person, twilio: Twilio
) -> None:
    """The machine leaves it alone; a person is told what another call would mean, and decides."""
    (phone,) = Numbers.take(1)
    twilio.script(phone, fault="500", made=False, times=1)
    (lead,) = agent.imports(phone, name="Ava Thompson")
    screen.enter(agent)
    expect(screen.status(lead, "unknown")).to_contain_text("Checking")
    server.grow_old(agent, lead)
    screen.page.reload()

    expect(screen.row(lead)).to_contain_text("Needs review")
    screen.button("1 lead needs review").click()
    screen.row(lead).get_by_role("button", name="Decide").click()
    screen.panel.get_by_role("button", name="Call again").click()
    expect(screen.dialog).to_contain_text("this person will be called a second time")
    screen.button("No, leave it").click()
    expect(screen.dialog).not_to_be_visible()
    screen.status(lead, "unknown")

    before = twilio.dialled(phone)
    screen.panel.get_by_role("button", name="Call again").click()
    screen.button("Yes, call again").click()
    expect(screen.panel).to_contain_text("Put back in the list by a person")
    screen.button("Show all leads").or_(screen.page.locator("[data-filter=all]")).first.click()
    screen.ended(lead)
    assert twilio.dialled(phone) == [before[0] + 1]


def test_a_call_nobody_knows_the_end_of_is_closed_by_a_person_who_says_that_it_was_made(
    screen: Screen, agent: Person, twilio: Twilio
) -> None:
    """One press; the warning goes, and nobody calls that number again. Meanwhile nobody was shown as being called."""
    (phone,) = Numbers.take(1)
    twilio.script(phone, fault="500", made=False, times=1)
    (lead,) = agent.imports(phone, name="Ava Thompson")
    screen.enter(agent)
    expect(screen.status(lead, "unknown")).to_contain_text("Checking")
    expect(screen.run).to_contain_text("Checking 1 call")
    server.grow_old(agent, lead)
    screen.page.reload()

    expect(screen.row(lead)).to_contain_text("Needs review")
    before = twilio.dialled(phone)
    screen.row(lead).get_by_role("button", name="Decide whether Ava Thompson was called").click()
    screen.panel.get_by_role("button", name="Was called").click()
    screen.status(lead, "completed")
    expect(screen.panel).to_contain_text("Closed as called by a person")
    expect(screen.button("1 lead needs review")).to_have_count(0)
    expect(screen.run).to_contain_text("Nothing is waiting")
    assert twilio.dialled(phone) == before


def test_do_not_call_is_one_press_and_can_be_undone(screen: Screen, agent: Person, twilio: Twilio) -> None:
    """A lead that waits is not called from that press on."""
    agent.api("POST", "/api/autocall/pause")
    phones = Numbers.take(2)
    kept, spared = agent.imports(*phones, name="Ava Thompson")
    screen.keep_toasts().enter(agent)
    screen.row(spared).hover()
    screen.row(spared).get_by_role("button", name="on the do-not-call list").click()
    expect(screen.row(spared)).to_contain_text("Do not call")

    screen.button("Resume").click()
    screen.ended(kept)
    expect(screen.run).to_contain_text("Nothing is waiting")
    assert twilio.dialled(*phones) == [1, 0]

    screen.button("Undo").click()
    screen.ended(spared)
    assert twilio.dialled(*phones) == [1, 1]


def test_a_leads_panel_tells_what_happened_and_goes_on_telling(screen: Screen, agent: Person, twilio: Twilio) -> None:
    """Details and history, newest first; what happens while the panel is open is added."""
    (phone,) = Numbers.take(1)
    twilio.script(phone, outcome="completed", ring_s=1, talk_s=LONG)
    (lead,) = agent.imports(phone, name="Ava Thompson", note="prefers mornings")
    screen.enter(agent)
    panel = screen.inspect(lead)
    expect(panel.get_by_role("heading", name="Ava Thompson")).to_be_visible()
    expect(panel).to_contain_text("prefers mornings")
    history = panel.get_by_test_id("history").get_by_role("listitem")
    expect(history.first).to_contain_text("Connected")
    server.hang_up(agent.outputs, phone)
    expect(history.first).to_have_text(re.compile("Completed · \\d+:\\d\\d$"))
    expect(history.last).to_contain_text("Imported")

    screen.page.keyboard.press("Escape")
    expect(panel).not_to_be_visible()
