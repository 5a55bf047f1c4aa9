"""An agent who is on the line in the page: what the tests of calls by browser share."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from autocall.voice_token import identity
from local.twilio_simulator.client import Witness
from tests.browser.axe import violations
from tests.browser.conftest import SEEN_WITHIN_MS, USUAL
from tests.browser.screen import Screen
from tests.browser.sound import MICROPHONE_HZ
from tests.e2e.agents import LASTS, Numbers, Outputs, Person, Twilio, close_tabs, sign_up

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
    assert violations(page) == []
