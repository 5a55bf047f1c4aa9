"""The agent's line in the page, by ear: the real @twilio/voice-sdk in Chromium, against the running stack."""

import os
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Dialog, expect

from local.twilio_simulator.client import Witness
from tests.browser import on_the_line as line_of_agent
from tests.browser.on_the_line import bar, checked, hears_the_agent, on_the_line, own_call, talking
from tests.browser.screen import Screen
from tests.e2e.agents import Numbers, Outputs, Person, Twilio, eventually

twilio, witness, agent = line_of_agent.twilio, line_of_agent.witness, line_of_agent.agent
context, tab = line_of_agent.context, line_of_agent.tab
BESIDE_OTHERS = "PYTEST_XDIST_WORKER" in os.environ  # then the machine is shared, and a cold start takes its time


def test_after_one_check_of_the_microphone_lead_and_agent_hear_each_other(
    context: BrowserContext, line: Outputs, agent: Person, twilio: Twilio, witness: Witness
) -> None:
    """From a page that was never here to a conversation and its wrap-up; nobody is dialled before the check."""
    screen = Screen(context.new_page(), line).enter(agent)
    expect(screen.dialog).to_contain_text("Check your microphone")
    (early,) = Numbers.take(1)
    agent.imports(early)
    screen.hears("autocall:finished", reason="session")
    assert twilio.dialled(early) == [0]
    agent.api("PUT", f"/api/leads/{agent.imports(early)[0]}/do-not-call")
    screen.button("Allow the microphone").click()
    expect(screen.dialog).to_contain_text("Your microphone hears you.")
    checked(screen.page)
    screen.button("Go on the line").click()
    on_the_line(screen)

    lead, sid = talking(screen, agent, twilio, witness)
    eventually(lambda: hears_the_agent(witness, sid))
    theirs = witness.tones()[sid]
    eventually(lambda: theirs in witness.hears(own_call(agent, witness), theirs))
    joined_after_s = witness.seconds_to_agent(agent.lead(lead)["phone"])
    assert joined_after_s is not None
    assert joined_after_s < (20 if BESIDE_OTHERS else 2)
    expect(screen.page).to_have_title("● Aiko Larsson · autocall")
    checked(screen.page)

    screen.page.keyboard.press("Alt+m")
    expect(bar(screen)).to_contain_text("You are muted")
    eventually(lambda: not hears_the_agent(witness, sid))
    screen.page.keyboard.press("Alt+k")
    screen.button("5").click()
    expect(screen.page.get_by_label("Keys pressed")).to_have_text("5")
    checked(screen.page)
    screen.page.keyboard.press("Escape")
    screen.button("Mute").click()
    eventually(lambda: hears_the_agent(witness, sid))

    screen.button("Hang up").click()
    screen.status(lead, "completed")
    on_the_line(screen)
    assert witness.errors() == []


def test_a_wrap_up_lasts_until_the_agent_is_ready(
    tab: Callable[[], Screen], agent: Person, twilio: Twilio, witness: Witness
) -> None:
    agent.api("PUT", "/api/settings", json={"wrap_up_s": "ready"})
    screen = on_the_line(tab().enter(agent))
    talking(screen, agent, twilio, witness)
    screen.button("Hang up").click()
    expect(bar(screen)).to_contain_text("Wrap-up")
    checked(screen.page)
    screen.button("Go on without an outcome").click()
    on_the_line(screen)


def test_one_tab_holds_the_phone_and_gives_it_to_another_at_a_persons_word(
    tab: Callable[[], Screen], agent: Person
) -> None:
    first = on_the_line(tab().enter(agent))
    second = tab().open().live()
    expect(bar(second)).to_contain_text("Your line is in another tab")
    second.button("Use my line here").click()
    on_the_line(second)
    expect(bar(first)).to_contain_text("Your line was opened on another page")
    checked(first.page)


@pytest.mark.parametrize("how", ["reload", "close"])
def test_a_lead_whose_agents_page_goes_hears_a_sentence_and_the_agent_comes_back(
    tab: Callable[[], Screen], agent: Person, twilio: Twilio, witness: Witness, how: str
) -> None:
    screen = on_the_line(tab().enter(agent))
    lead, sid = talking(screen, agent, twilio, witness)
    eventually(lambda: hears_the_agent(witness, sid))
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    screen.page.on("dialog", leave)
    if how == "reload":
        screen.page.reload()
        assert asked == ["beforeunload"]
    else:
        screen.page.close()
    eventually(lambda: witness.sentences(agent.lead(lead)["phone"]))
    assert witness.leg(agent.lead(lead)["phone"])["longest_alone_s"] < (20 if BESIDE_OTHERS else 5)
    if how == "reload":
        on_the_line(screen)
    else:
        eventually(lambda: _session(agent)["phase"] == "ended")


def _session(agent: Person) -> dict[str, Any]:
    found: dict[str, Any] = agent.api("GET", "/api/phone").json()
    return found
