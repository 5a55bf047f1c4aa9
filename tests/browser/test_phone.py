"""The agent's line in the page, by ear: the real @twilio/voice-sdk in Chromium, against the running stack."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Dialog, Locator, Page, expect

from autocall.voice_token import identity
from local.twilio_simulator.client import Witness
from tests.browser.conftest import SEEN_WITHIN_MS, USUAL
from tests.browser.screen import Screen
from tests.browser.sound import MICROPHONE_HZ
from tests.e2e.agents import LASTS, Numbers, Outputs, Person, Twilio, close_tabs, eventually, sign_up

PASSED = "localStorage.setItem('autocall.ready', '{}')"


@pytest.fixture
def twilio(line: Outputs) -> Twilio:
    return Twilio(line)


@pytest.fixture
def witness(line: Outputs) -> Witness:
    return Witness(line["twilio_simulator_url"])


@pytest.fixture
def agent(line: Outputs) -> Iterator[Person]:
    person = sign_up(line)
    yield person
    close_tabs(person)


@pytest.fixture
def context(headset: Browser, witness: Witness) -> Iterator[BrowserContext]:
    """A browser whose calls go to the simulator; in a tab of its own the sound is mixed."""
    context = headset.new_context(**USUAL)
    context.set_default_timeout(SEEN_WITHIN_MS)
    crashes: list[str] = []
    context.on("weberror", lambda error: crashes.append(str(error.error)))
    context.new_page().goto(f"{witness.url}/_mixer")
    context.add_init_script(witness.redirect())
    yield context
    context.close()
    assert not crashes


@pytest.fixture
def tab(context: BrowserContext, line: Outputs) -> Callable[[], Screen]:
    """A further tab, in a browser where the ready check was passed."""

    def open_tab() -> Screen:
        screen = Screen(context.new_page(), line)
        screen.page.add_init_script(PASSED)
        return screen

    return open_tab


def bar(screen: Screen) -> Locator:
    return screen.page.get_by_test_id("phone-bar")


def on_the_line(screen: Screen) -> Screen:
    expect(bar(screen)).to_contain_text("You are on the line")
    return screen


def talking(screen: Screen, agent: Person, twilio: Twilio, witness: Witness) -> tuple[str, str]:
    """Somebody is imported, called, and in a call with the agent; their lead, and their call."""
    (phone,) = Numbers.take(1)
    twilio.script(phone, **LASTS)
    (lead,) = agent.imports(phone, name="Aiko Larsson")
    expect(bar(screen)).to_contain_text("Connected")
    expect(bar(screen).get_by_role("heading", name="Aiko Larsson")).to_be_visible()
    (call,) = witness.calls_to(phone)
    return lead, call["sid"]


def hears_the_agent(witness: Witness, sid: str) -> bool:
    return witness.hears(sid, MICROPHONE_HZ) == {MICROPHONE_HZ}


def own_call(agent: Person, witness: Witness) -> str:
    """The SID of the agent's own call."""
    legs = witness.legs(f"client:{identity(agent.user_id)}")
    (leg,) = [leg for leg in legs if leg["ended_s"] is None]
    return str(leg["sid"])


def checked(page: Page) -> None:
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


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
    assert joined_after_s < (2 if "PYTEST_XDIST_WORKER" not in os.environ else 8)  # beside other tests it may wait
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
    assert witness.leg(agent.lead(lead)["phone"])["longest_alone_s"] < 5
    if how == "reload":
        on_the_line(screen)
    else:
        eventually(lambda: _session(agent)["phase"] == "ended")


def _session(agent: Person) -> dict[str, Any]:
    found: dict[str, Any] = agent.api("GET", "/api/phone").json()
    return found
