"""Somebody rings back: the agent's page shows whom, or that they were missed, until one key answers."""

from collections.abc import Callable

from playwright.sync_api import Locator, expect

from local.twilio_simulator.client import Witness
from tests.browser import on_the_line as line_of_agent
from tests.browser.on_the_line import bar, checked, hears_the_agent, on_the_line
from tests.browser.screen import Screen
from tests.e2e.agents import Numbers, Person, Twilio, eventually

twilio, witness, agent = line_of_agent.twilio, line_of_agent.witness, line_of_agent.agent
context, tab = line_of_agent.context, line_of_agent.tab
MISSED = {"outcome": "no-answer", "ring_s": 0}
PHONE = {"width": 390, "height": 844}


def missed(screen: Screen, agent: Person, twilio: Twilio, name: str) -> tuple[str, str]:
    """Somebody is called in vain; their number, and their lead."""
    (phone,) = Numbers.take(1)
    twilio.script(phone, **MISSED)
    (lead,) = agent.imports(phone, name=name)
    screen.status(lead, "no-answer")
    return phone, lead


def call_backs(screen: Screen) -> Locator:
    return screen.page.get_by_test_id("call-backs")


def test_who_rings_back_is_on_the_card_is_talked_with_and_has_an_outcome(
    tab: Callable[[], Screen], agent: Person, twilio: Twilio, witness: Witness
) -> None:
    agent.api("PUT", "/api/settings", json={"wrap_up_s": "ready"})
    screen = on_the_line(tab().enter(agent))
    phone, lead = missed(screen, agent, twilio, "Aiko Larsson")
    sid = witness.ring_back(phone, talk_s=600)
    expect(bar(screen)).to_contain_text("Connected")
    expect(bar(screen).get_by_role("heading", name="Aiko Larsson")).to_be_visible()
    expect(bar(screen)).to_contain_text("has rung back")
    eventually(lambda: hears_the_agent(witness, sid))
    checked(screen.page)

    screen.page.keyboard.press("h")
    expect(bar(screen)).to_contain_text("Wrap-up")
    screen.page.keyboard.press("1")
    screen.page.keyboard.press("Enter")
    on_the_line(screen)
    eventually(lambda: (agent.lead(lead)["outcome"] or {}).get("code") == "meeting")
    expect(call_backs(screen)).to_have_count(0)
    assert witness.errors() == []


def test_who_was_missed_stays_in_sight_until_one_key_answers(
    tab: Callable[[], Screen], agent: Person, twilio: Twilio, witness: Witness
) -> None:
    screen = on_the_line(tab().enter(agent))
    phones = [missed(screen, agent, twilio, name)[0] for name in ("Aiko Larsson", "Lukas Thompson")]
    screen.button("Leave the line").click()
    eventually(lambda: agent.api("GET", "/api/phone").json()["phase"] == "ended")
    for phone, presses in zip(phones, ("1", ""), strict=True):
        witness.ring_back(phone, presses=presses, presses_after_s=0, talk_s=600)
    rows = call_backs(screen).get_by_role("listitem")
    expect(rows).to_have_count(2)
    aiko = rows.filter(has_text="Aiko Larsson")
    expect(aiko).to_contain_text("asks to be called back")
    expect(rows.filter(has_text="Lukas Thompson")).to_contain_text("nobody was free")
    checked(screen.page)
    screen.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    expect(aiko.get_by_role("button", name="Call now")).to_be_in_viewport()
    assert screen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    checked(screen.page)

    screen.page.keyboard.press("b")
    expect(rows.first.get_by_role("button").first).to_be_focused()
    screen.page.keyboard.press("d")
    expect(rows).to_have_count(1)
    screen.page.keyboard.press("l")
    screen.page.keyboard.press("Enter")
    expect(call_backs(screen)).to_have_count(0)
    assert sum(lead["appointment_at"] is not None for lead in agent.leads()) == 1
